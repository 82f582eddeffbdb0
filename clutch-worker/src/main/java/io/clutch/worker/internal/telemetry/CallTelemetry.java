package io.clutch.worker.internal.telemetry;

import com.google.common.collect.ImmutableSet;
import io.clutch.protocol.ServerAddress;
import io.grpc.Metadata;
import io.grpc.ServerBuilder;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.metrics.MeterProvider;
import io.opentelemetry.api.trace.TracerProvider;
import io.opentelemetry.context.propagation.ContextPropagators;
import java.net.SocketAddress;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/** What a worker tells of its calls. Thread-safe. */
public interface CallTelemetry {

  /** Tells nothing, and costs nothing. */
  CallTelemetry NONE = new NoTelemetry();

  /**
   * What tells {@code given} of calls.
   *
   * @param given null is the global one, as it is now; where that is not set, nothing is told. It
   *     is only looked at: to ask for it in the usual way would set it for good
   * @param functions the names that may become names of spans and attributes of metrics
   * @param slot the worker's place in its pool; 0 where it is alone
   */
  static CallTelemetry of(@Nullable OpenTelemetry given, ImmutableSet<String> functions, int slot) {
    if (given == null && !GlobalOpenTelemetry.isSet()) {
      return NONE;
    }
    OpenTelemetry chosen = given == null ? GlobalOpenTelemetry.getOrNoop() : given;
    return isNoop(chosen) ? NONE : new OpenTelemetryCalls(chosen, functions, slot);
  }

  private static boolean isNoop(OpenTelemetry telemetry) {
    return telemetry.getTracerProvider() == TracerProvider.noop()
        && telemetry.getMeterProvider() == MeterProvider.noop()
        && telemetry.getPropagators() == ContextPropagators.noop();
  }

  /** Has gRPC's server tell its own metrics. */
  void configure(ServerBuilder<?> server);

  /**
   * Tells of {@code load} until the result is closed.
   *
   * @param address where clients find the worker; null where it has no address of its own
   */
  Registration observe(Load load, @Nullable ServerAddress address);

  /**
   * A call has come in.
   *
   * @param function the name that the caller gave
   * @param headers what the caller sent along
   */
  CallRecord received(
      String function,
      String callId,
      boolean background,
      Metadata headers,
      @Nullable SocketAddress peer);

  /**
   * What a worker has to do.
   *
   * @param running how many calls run; asked now and then, on any thread
   * @param waiting how many calls wait; likewise
   * @param concurrency how many calls may run at the same time
   * @param queueCapacity how many calls may wait
   */
  record Load(IntSupplier running, IntSupplier waiting, int concurrency, int queueCapacity) {}

  /** Something that goes on until it is closed. */
  interface Registration extends AutoCloseable {
    @Override
    void close();
  }
}
