package io.clutch.worker.internal.telemetry;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import org.jspecify.annotations.Nullable;

/** A run of a function that has a span, which is current on its thread. */
final class TracedFunction implements CallRecord.FunctionRecord {

  private final Meters meters;
  private final String function;
  private final boolean cascade;
  private final Context context;
  private final Scope scope;
  private final long enteredAt = System.nanoTime();

  /**
   * @param context with the run's span
   */
  @SuppressWarnings("MustBeClosed") // by left()
  TracedFunction(Meters meters, String function, boolean cascade, Context context) {
    this.meters = meters;
    this.function = function;
    this.cascade = cascade;
    this.context = context;
    this.scope = context.makeCurrent();
  }

  @Override
  public void left(@Nullable ClutchException failure) {
    scope.close();
    Span span = Span.fromContext(context);
    if (failure != null) {
      recordException(span, failure);
      Conventions.fail(span, failure);
    }
    span.end();
    meters.ran(function, cascade, System.nanoTime() - enteredAt, failure, context);
  }

  /** What the function threw; failures of calls that it made are told by those. */
  private static void recordException(Span span, ClutchException failure) {
    Throwable thrown = failure.getCause();
    if (failure.reason() == Reason.FUNCTION_FAILED
        && thrown != null
        && !(thrown instanceof ClutchException)) {
      span.recordException(thrown);
    }
  }
}
