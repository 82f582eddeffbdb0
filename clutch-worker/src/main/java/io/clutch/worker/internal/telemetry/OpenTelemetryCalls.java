package io.clutch.worker.internal.telemetry;

import com.google.common.collect.ImmutableSet;
import io.clutch.protocol.ClutchVersion;
import io.clutch.protocol.ServerAddress;
import io.grpc.Metadata;
import io.grpc.ServerBuilder;
import io.grpc.opentelemetry.GrpcOpenTelemetry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.metrics.MeterProvider;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapPropagator;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Tells OpenTelemetry. */
final class OpenTelemetryCalls implements CallTelemetry {

  private final OpenTelemetry telemetry;
  private final ImmutableSet<String> functions;
  private final int slot;
  private final Tracer tracer;
  private final TextMapPropagator propagator;
  private final Meters meters;

  OpenTelemetryCalls(OpenTelemetry telemetry, ImmutableSet<String> functions, int slot) {
    this.telemetry = telemetry;
    this.functions = functions;
    this.slot = slot;
    this.tracer =
        telemetry
            .tracerBuilder(Conventions.SCOPE)
            .setInstrumentationVersion(ClutchVersion.get())
            .build();
    this.propagator = telemetry.getPropagators().getTextMapPropagator();
    this.meters =
        new Meters(
            telemetry
                .meterBuilder(Conventions.SCOPE)
                .setInstrumentationVersion(ClutchVersion.get())
                .build(),
            functions,
            slot);
  }

  @Override
  public void configure(ServerBuilder<?> server) {
    if (telemetry.getMeterProvider() != MeterProvider.noop()) {
      GrpcOpenTelemetry.newBuilder().sdk(telemetry).build().configureServerBuilder(server);
    }
  }

  @Override
  public Registration observe(Load load, @Nullable ServerAddress address) {
    return meters.observe(load, address);
  }

  @Override
  public CallRecord received(
      String function,
      String callId,
      boolean background,
      Metadata headers,
      @Nullable SocketAddress peer) {
    boolean isKnown = functions.contains(function);
    // Not under what is current: threads of the network's, and in-process callers', have no say.
    Context callers = propagator.extract(Context.root(), headers, MetadataGetter.INSTANCE);
    SpanBuilder builder =
        tracer
            .spanBuilder(isKnown ? function : Conventions.SYSTEM)
            .setParent(callers)
            .setSpanKind(background ? SpanKind.CONSUMER : SpanKind.SERVER)
            .setAttribute(Conventions.RPC_SYSTEM, Conventions.SYSTEM)
            .setAttribute(Conventions.RPC_METHOD, isKnown ? function : Conventions.OTHER)
            .setAttribute(Conventions.CALL_ID, Conventions.shortened(callId))
            .setAttribute(Conventions.BACKGROUND, background);
    if (!isKnown) {
      builder.setAttribute(Conventions.RPC_METHOD_ORIGINAL, Conventions.shortened(function));
    }
    if (slot > 0) {
      builder.setAttribute(Conventions.SLOT, (long) slot);
    }
    Span span = builder.startSpan();
    if (span.isRecording() && peer instanceof InetSocketAddress address) {
      span.setAttribute(Conventions.PEER_ADDRESS, address.getHostString());
      span.setAttribute(Conventions.PEER_PORT, (long) address.getPort());
    }
    return new TracedCall(
        tracer, meters, function, background, span, callers.with(span), System.nanoTime());
  }
}
