package io.clutch.client.internal.telemetry;

import io.grpc.ManagedChannelBuilder;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.metrics.MeterProvider;
import io.opentelemetry.api.trace.TracerProvider;
import io.opentelemetry.context.propagation.ContextPropagators;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** What a client tells of its calls. Thread-safe. */
public interface CallTelemetry {

  /** Tells nothing, and costs nothing. */
  CallTelemetry NONE = new NoTelemetry();

  /**
   * What tells {@code given} of calls.
   *
   * @param given null is the global one, as it is now; where that is not set, nothing is told. It
   *     is only looked at: to ask for it in the usual way would set it for good
   */
  static CallTelemetry of(@Nullable OpenTelemetry given) {
    if (given == null && !GlobalOpenTelemetry.isSet()) {
      return NONE;
    }
    OpenTelemetry chosen = given == null ? GlobalOpenTelemetry.getOrNoop() : given;
    return isNoop(chosen) ? NONE : new OpenTelemetryCalls(chosen);
  }

  private static boolean isNoop(OpenTelemetry telemetry) {
    return telemetry.getTracerProvider() == TracerProvider.noop()
        && telemetry.getMeterProvider() == MeterProvider.noop()
        && telemetry.getPropagators() == ContextPropagators.noop();
  }

  /** Something that is told until it is closed. */
  interface Registration extends AutoCloseable {
    @Override
    void close();
  }

  /** Tells how many calls wait in the client, whenever that is asked. */
  Registration observe(IntSupplier waiting);

  /** Has gRPC's channel tell its own metrics. */
  void configure(ManagedChannelBuilder<?> channel);

  /**
   * A call is made, on this thread.
   *
   * @param callId the caller's own; empty where it gives none
   */
  CallRecord called(String function, String callId, boolean background);
}
