package io.clutch.worker;

import com.google.protobuf.Timestamp;
import io.clutch.protocol.ClutchVersion;
import io.clutch.protocol.Durations;
import io.clutch.protocol.PayloadCodec;
import io.clutch.v1.DescribeResponse;
import io.clutch.v1.FunctionDescription;
import io.clutch.v1.Limits;
import io.clutch.v1.ValueDescription;
import java.time.Instant;

/** What a worker tells of itself. */
final class Description {

  private final DescribeResponse fixed;
  private final Membership membership;

  private Description(DescribeResponse fixed, Membership membership) {
    this.fixed = fixed;
    this.membership = membership;
  }

  static Description of(WorkerOptions options, Membership membership) {
    Instant now = Instant.now();
    DescribeResponse.Builder description =
        DescribeResponse.newBuilder()
            .setVersion(ClutchVersion.get())
            .setProcessId(ProcessHandle.current().pid())
            .setStartTime(
                Timestamp.newBuilder().setSeconds(now.getEpochSecond()).setNanos(now.getNano()))
            .setLimits(limits(options))
            .setSlot(membership.slot());
    options.functions().all().forEach(f -> description.addFunctions(function(f, options.codec())));
    return new Description(description.build(), membership);
  }

  /** As it is now: pools are resized. */
  DescribeResponse now() {
    return fixed.toBuilder().setPoolSize(membership.poolSize().getAsInt()).build();
  }

  private static Limits limits(WorkerOptions options) {
    Limits.Builder limits =
        Limits.newBuilder()
            .setMaxPayloadBytes(options.maxMessageSize())
            .setConcurrency(options.concurrency())
            .setQueueCapacity(options.queueCapacity());
    if (!options.timeout().isZero()) {
      limits.setTimeout(Durations.toProto(options.timeout()));
    }
    return limits.build();
  }

  private static FunctionDescription function(FunctionDefinition function, PayloadCodec codec) {
    FunctionDescription.Builder description =
        FunctionDescription.newBuilder()
            .setName(function.name())
            .setDescription(function.description())
            .setArgument(codec.describeRead(function.argumentType()))
            .setResult(ValueDescription.getDefaultInstance());
    function.resultType().map(codec::describeWritten).ifPresent(description::setResult);
    return description.build();
  }
}
