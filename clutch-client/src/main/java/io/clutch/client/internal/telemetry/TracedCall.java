package io.clutch.client.internal.telemetry;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.grpc.Metadata;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A call that has a span, with an event for each attempt that failed. */
final class TracedCall implements CallRecord {

  private final Tracer tracer;
  private final HeaderInjection injection;
  private final Meters meters;
  private final String function;
  private final boolean background;

  /** With the call's span. */
  private final Context context;

  private final long calledAt = System.nanoTime();

  // Of whoever makes an attempt; read by whoever sees the end, who may be the caller that cancels.
  private volatile int attempts;
  private volatile @Nullable Reason lastFailure;

  TracedCall(
      Tracer tracer,
      HeaderInjection injection,
      Meters meters,
      String function,
      boolean background,
      Context context) {
    this.tracer = tracer;
    this.injection = injection;
    this.meters = meters;
    this.function = function;
    this.background = background;
    this.context = context;
  }

  @Override
  public void addTo(Metadata headers) {
    injection.inject(context, headers);
  }

  @Override
  @SuppressWarnings({
    "MustBeClosed", // by whoever gets it
    "NonAtomicVolatileUpdate" // one attempt at a time
  })
  public Attempt attempted() {
    attempts++;
    Reason cause = lastFailure;
    if (cause != null) {
      meters.repeated(function, cause, context);
    }
    Scope scope = context.makeCurrent();
    return scope::close;
  }

  @Override
  public void attemptFailed(ClutchException failure, @Nullable String server) {
    lastFailure = failure.reason();
    Span span = Span.fromContext(context);
    if (span.isRecording()) {
      AttributesBuilder attributes =
          Attributes.builder()
              .put(Conventions.ERROR_TYPE, failure.reason().name())
              .put(Conventions.MESSAGE, Conventions.message(failure));
      if (server != null) {
        Conventions.putServer(attributes, server);
      }
      span.addEvent(Conventions.ATTEMPT_FAILED, attributes.build());
    }
  }

  @Override
  public void waited(long nanos, @Nullable Reason dropped) {
    Span queue =
        tracer
            .spanBuilder("queue")
            .setParent(context)
            .setSpanKind(SpanKind.INTERNAL)
            .setStartTimestamp(Instant.now().minus(Duration.ofNanos(nanos)))
            .startSpan();
    if (dropped != null) {
      queue.setAttribute(Conventions.ERROR_TYPE, dropped.name());
      queue.setStatus(StatusCode.ERROR);
    }
    queue.end();
    meters.waited(function, nanos, dropped, context);
  }

  @Override
  public void ended(@Nullable ClutchException failure, @Nullable String server) {
    Span span = Span.fromContext(context);
    if (span.isRecording()) {
      span.setAllAttributes(outcome(failure, server));
      if (failure != null) {
        span.setStatus(StatusCode.ERROR, Conventions.message(failure));
      }
    }
    span.end();
    meters.called(function, background, System.nanoTime() - calledAt, failure, context);
  }

  private Attributes outcome(@Nullable ClutchException failure, @Nullable String server) {
    AttributesBuilder attributes = Attributes.builder().put(Conventions.ATTEMPTS, (long) attempts);
    if (server != null) {
      Conventions.putServer(attributes, server);
    }
    if (failure == null) {
      attributes.put(Conventions.RPC_STATUS, "OK");
    } else {
      attributes
          .put(Conventions.RPC_STATUS, Conventions.status(failure))
          .put(Conventions.ERROR_TYPE, failure.reason().name());
    }
    return attributes.build();
  }
}
