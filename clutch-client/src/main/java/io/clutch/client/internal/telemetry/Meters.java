package io.clutch.client.internal.telemetry;

import io.clutch.client.internal.telemetry.CallTelemetry.Registration;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.api.metrics.ObservableLongUpDownCounter;
import io.opentelemetry.context.Context;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** The metrics of a client. Thread-safe. */
final class Meters {

  private static final double NANOS_PER_SECOND = 1e9;

  private final DoubleHistogram calls;
  private final LongCounter repetitions;
  private final DoubleHistogram waits;
  private final Meter meter;

  Meters(Meter meter) {
    this.meter = meter;
    this.calls =
        meter
            .histogramBuilder("rpc.client.call.duration")
            .setUnit("s")
            .setDescription("From the moment a call is made to its outcome, all attempts together")
            .setExplicitBucketBoundariesAdvice(Conventions.DURATION_BUCKETS)
            .build();
    this.repetitions =
        meter
            .counterBuilder("clutch.client.repetitions")
            .setUnit("{attempt}")
            .setDescription("Attempts beyond the first of a call")
            .build();
    this.waits =
        meter
            .histogramBuilder("clutch.client.queue.duration")
            .setUnit("s")
            .setDescription("How long calls waited in the client that had to wait")
            .setExplicitBucketBoundariesAdvice(Conventions.DURATION_BUCKETS)
            .build();
  }

  void called(
      String function,
      boolean background,
      long nanos,
      @Nullable ClutchException failure,
      Context context) {
    boolean isUnknown = failure != null && failure.reason() == Reason.FUNCTION_NOT_FOUND;
    AttributesBuilder attributes =
        Attributes.builder()
            .put(Conventions.RPC_SYSTEM, Conventions.SYSTEM)
            .put(Conventions.RPC_METHOD, Conventions.method(function, isUnknown))
            .put(Conventions.BACKGROUND, background);
    if (failure == null) {
      attributes.put(Conventions.RPC_STATUS, "OK");
    } else {
      attributes
          .put(Conventions.RPC_STATUS, Conventions.status(failure))
          .put(Conventions.ERROR_TYPE, failure.reason().name());
    }
    calls.record(nanos / NANOS_PER_SECOND, attributes.build(), context);
  }

  Registration observe(IntSupplier waiting) {
    ObservableLongUpDownCounter counter =
        meter
            .upDownCounterBuilder("clutch.client.calls.waiting")
            .setUnit("{call}")
            .setDescription("Calls that wait in the client for a process or a connection")
            .buildWithCallback(measurement -> measurement.record(waiting.getAsInt()));
    return counter::close;
  }

  /**
   * @param dropped why it left the line; null where it went to a process
   */
  void waited(String function, long nanos, @Nullable Reason dropped, Context context) {
    AttributesBuilder attributes = Attributes.builder().put(Conventions.FUNCTION, function);
    if (dropped != null) {
      attributes.put(Conventions.ERROR_TYPE, dropped.name());
    }
    waits.record(nanos / NANOS_PER_SECOND, attributes.build(), context);
  }

  /**
   * @param cause what the attempt before failed with
   */
  void repeated(String function, Reason cause, Context context) {
    repetitions.add(
        1,
        Attributes.of(Conventions.FUNCTION, function, Conventions.ERROR_TYPE, cause.name()),
        context);
  }
}
