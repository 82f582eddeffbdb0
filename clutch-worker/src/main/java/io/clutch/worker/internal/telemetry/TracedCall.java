package io.clutch.worker.internal.telemetry;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.clutch.protocol.ClutchException;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A call that has a span, with one for the wait in the queue and one for each function below. */
final class TracedCall implements CallRecord {

  private final Tracer tracer;
  private final Meters meters;
  private final String function;
  private final boolean background;
  private final Span span;

  /** The span, and what came from the caller, such as baggage. */
  private final Context context;

  /** Nanoseconds of System.nanoTime, as all times here. */
  private final long receivedAt;

  @GuardedBy("this")
  private boolean waiting;

  @GuardedBy("this")
  private long waitsSince;

  private volatile boolean isFromSibling;

  /** Whether a sibling has it, or had it at its end. */
  private volatile boolean isElsewhere;

  TracedCall(
      Tracer tracer,
      Meters meters,
      String function,
      boolean background,
      Span span,
      Context context,
      long receivedAt) {
    this.tracer = tracer;
    this.meters = meters;
    this.function = function;
    this.background = background;
    this.span = span;
    this.context = context;
    this.receivedAt = receivedAt;
  }

  @Override
  public synchronized void waits() {
    waiting = true;
    waitsSince = System.nanoTime();
    isElsewhere = false;
  }

  @Override
  public void fromSibling() {
    isFromSibling = true;
    span.setAttribute(Conventions.FROM_SIBLING, true);
  }

  @Override
  public void handedOver() {
    endWait(null);
    isElsewhere = true;
  }

  @Override
  public FunctionRecord enters(String name) {
    endWait(null);
    isElsewhere = false;
    return enter("function " + name, name, context, false);
  }

  @Override
  public FunctionRecord cascades(String name) {
    // Below what is current, for functions may have spans of their own around it.
    Context current = Context.current();
    boolean isOurs = Span.fromContext(current).getSpanContext().isValid();
    return enter("cascade " + name, name, isOurs ? current : context, true);
  }

  private FunctionRecord enter(String spanName, String name, Context parent, boolean cascade) {
    Span run =
        tracer
            .spanBuilder(spanName)
            .setParent(parent)
            .setSpanKind(SpanKind.INTERNAL)
            .setAttribute(Conventions.FUNCTION, name)
            .startSpan();
    return new TracedFunction(meters, name, cascade, parent.with(run));
  }

  @Override
  public void ended(@Nullable ClutchException failure) {
    endWait(failure);
    if (failure == null) {
      span.setAttribute(Conventions.RPC_STATUS, Conventions.OK);
    } else {
      span.setAttribute(Conventions.RPC_STATUS, Conventions.status(failure));
      Conventions.fail(span, failure);
    }
    if (isElsewhere) {
      span.setAttribute(Conventions.HANDED_OVER, true);
      meters.handedOver(function, context);
    }
    span.end();
    if (isFromSibling) {
      meters.takenOver(function, context);
    } else {
      meters.called(function, background, System.nanoTime() - receivedAt, failure, context);
    }
  }

  @Override
  public void returned() {
    endWait(null);
    span.setAttribute(Conventions.RETURNED, true);
    span.end();
  }

  private void endWait(@Nullable ClutchException failure) {
    long waited;
    synchronized (this) {
      if (!waiting) {
        return;
      }
      waiting = false;
      waited = System.nanoTime() - waitsSince;
    }
    Span queue =
        tracer
            .spanBuilder("queue")
            .setParent(context)
            .setSpanKind(SpanKind.INTERNAL)
            .setStartTimestamp(Instant.now().minus(Duration.ofNanos(waited)))
            .startSpan();
    if (failure != null) {
      Conventions.fail(queue, failure);
    }
    queue.end();
    meters.waited(function, waited, failure, context);
  }
}
