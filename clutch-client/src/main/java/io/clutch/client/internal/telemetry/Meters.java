package io.clutch.client.internal.telemetry;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.LongCounter;
import io.opentelemetry.api.metrics.Meter;
import io.opentelemetry.context.Context;
import org.jspecify.annotations.Nullable;

/** The metrics of a client. Thread-safe. */
final class Meters {

  private static final double NANOS_PER_SECOND = 1e9;

  private final DoubleHistogram calls;
  private final LongCounter repetitions;

  Meters(Meter meter) {
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
