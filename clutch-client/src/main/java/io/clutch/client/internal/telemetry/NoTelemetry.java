package io.clutch.client.internal.telemetry;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** Tells nothing. */
final class NoTelemetry implements CallTelemetry {

  @Override
  public void configure(ManagedChannelBuilder<?> channel) {}

  @Override
  public Registration observe(IntSupplier waiting) {
    return () -> {};
  }

  @Override
  public CallRecord called(String function, String callId, boolean background) {
    return CallRecord.NONE;
  }

  /** Tells nothing of a call. */
  static final class Call implements CallRecord, CallRecord.Attempt {
    @Override
    public void addTo(Metadata headers) {}

    @Override
    public Attempt attempted() {
      return this;
    }

    @Override
    public void attemptFailed(ClutchException failure, @Nullable String server) {}

    @Override
    public void waited(long nanos, @Nullable Reason dropped) {}

    @Override
    public void ended(@Nullable ClutchException failure, @Nullable String server) {}

    @Override
    public void close() {}
  }
}
