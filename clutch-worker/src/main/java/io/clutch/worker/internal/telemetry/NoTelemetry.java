package io.clutch.worker.internal.telemetry;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.ServerAddress;
import io.grpc.Metadata;
import io.grpc.ServerBuilder;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Tells nothing. */
final class NoTelemetry implements CallTelemetry {

  @Override
  public void configure(ServerBuilder<?> server) {}

  @Override
  public Registration observe(Load load, @Nullable ServerAddress address) {
    return () -> {};
  }

  @Override
  public CallRecord received(
      String function,
      String callId,
      boolean background,
      Metadata headers,
      @Nullable SocketAddress peer) {
    return CallRecord.NONE;
  }

  /** Tells nothing of a call. */
  static final class Call implements CallRecord, CallRecord.FunctionRecord {
    @Override
    public void waits() {}

    @Override
    public FunctionRecord enters(String function) {
      return this;
    }

    @Override
    public FunctionRecord cascades(String function) {
      return this;
    }

    @Override
    public void fromSibling() {}

    @Override
    public void handedOver() {}

    @Override
    public void ended(@Nullable ClutchException failure) {}

    @Override
    public void returned() {}

    @Override
    public void left(@Nullable ClutchException failure) {}
  }
}
