package io.clutch.client.internal.telemetry;

import io.clutch.protocol.ClutchVersion;
import io.grpc.ManagedChannelBuilder;
import io.grpc.opentelemetry.GrpcOpenTelemetry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.metrics.MeterProvider;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.util.function.IntSupplier;

/** Tells OpenTelemetry. */
final class OpenTelemetryCalls implements CallTelemetry {

  private final OpenTelemetry telemetry;
  private final Tracer tracer;
  private final HeaderInjection injection;
  private final Meters meters;

  OpenTelemetryCalls(OpenTelemetry telemetry) {
    this.telemetry = telemetry;
    this.tracer =
        telemetry
            .tracerBuilder(Conventions.SCOPE)
            .setInstrumentationVersion(ClutchVersion.get())
            .build();
    this.injection = new HeaderInjection(telemetry.getPropagators().getTextMapPropagator());
    this.meters =
        new Meters(
            telemetry
                .meterBuilder(Conventions.SCOPE)
                .setInstrumentationVersion(ClutchVersion.get())
                .build());
  }

  @Override
  public void configure(ManagedChannelBuilder<?> channel) {
    if (telemetry.getMeterProvider() != MeterProvider.noop()) {
      GrpcOpenTelemetry.newBuilder().sdk(telemetry).build().configureChannelBuilder(channel);
    }
  }

  @Override
  public Registration observe(IntSupplier waiting) {
    return meters.observe(waiting);
  }

  @Override
  public CallRecord called(String function, String callId, boolean background) {
    Context parent = Context.current();
    SpanBuilder builder =
        tracer
            .spanBuilder(function)
            .setParent(parent)
            .setSpanKind(background ? SpanKind.PRODUCER : SpanKind.CLIENT)
            .setAttribute(Conventions.RPC_SYSTEM, Conventions.SYSTEM)
            .setAttribute(Conventions.RPC_METHOD, function)
            .setAttribute(Conventions.BACKGROUND, background);
    if (!callId.isEmpty()) {
      builder.setAttribute(Conventions.CALL_ID, callId);
    }
    Span span = builder.startSpan();
    return new TracedCall(tracer, injection, meters, function, background, parent.with(span));
  }
}
