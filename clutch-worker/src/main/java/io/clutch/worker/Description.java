package io.clutch.worker;

import com.google.common.reflect.TypeToken;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import io.clutch.protocol.ClutchVersion;
import io.clutch.protocol.Durations;
import io.clutch.v1.DescribeResponse;
import io.clutch.v1.FunctionDescription;
import io.clutch.v1.Limits;
import io.clutch.v1.Payload;
import io.clutch.v1.ValueDescription;
import java.lang.reflect.Type;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

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
    options.functions().all().forEach(f -> description.addFunctions(function(f)));
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

  private static FunctionDescription function(FunctionDefinition function) {
    return FunctionDescription.newBuilder()
        .setName(function.name())
        .setDescription(function.description())
        .setArgument(value(function.argumentType()))
        .setResult(value(function.resultType().orElse(null)))
        .build();
  }

  private static ValueDescription value(@Nullable Type type) {
    ValueDescription.Builder value = ValueDescription.newBuilder();
    if (type == null || type == Object.class || type == Payload.class) {
      return value.build();
    }
    if (type == Void.class || type == void.class) {
      return value.setKind(ValueDescription.Kind.NONE).build();
    }
    value.setType(TypeToken.of(type).toString());
    if (type == byte[].class || type == ByteString.class) {
      return value.setKind(ValueDescription.Kind.BYTES).build();
    }
    if (type instanceof Class<?> c && Message.class.isAssignableFrom(c)) {
      return value.setKind(ValueDescription.Kind.MESSAGE).setType(messageName(c)).build();
    }
    return value.setKind(ValueDescription.Kind.JSON).build();
  }

  private static String messageName(Class<?> type) {
    return type == Message.class
        ? ""
        : com.google.protobuf.Internal.getDefaultInstance(type.asSubclass(Message.class))
            .getDescriptorForType()
            .getFullName();
  }
}
