package io.clutch.client;

import static java.util.stream.Collectors.joining;
import static org.awaitility.Awaitility.await;

import io.opentelemetry.api.baggage.propagation.W3CBaggagePropagator;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** An OpenTelemetry that keeps what it is told. */
final class TestTelemetry implements AutoCloseable {

  private final Set<String> open = ConcurrentHashMap.newKeySet();
  private final List<SpanData> ended = new CopyOnWriteArrayList<>();
  private final InMemoryMetricReader metrics = InMemoryMetricReader.create();
  private final OpenTelemetrySdk sdk;

  TestTelemetry() {
    this(
        TextMapPropagator.composite(
            W3CTraceContextPropagator.getInstance(), W3CBaggagePropagator.getInstance()));
  }

  TestTelemetry(TextMapPropagator propagator) {
    sdk =
        OpenTelemetrySdk.builder()
            .setTracerProvider(SdkTracerProvider.builder().addSpanProcessor(new Keeper()).build())
            .setMeterProvider(SdkMeterProvider.builder().registerMetricReader(metrics).build())
            .setPropagators(ContextPropagators.create(propagator))
            .build();
  }

  OpenTelemetrySdk sdk() {
    return sdk;
  }

  /** The spans that were started and have not ended. */
  Set<String> open() {
    return open;
  }

  /** The spans that have ended, in that order. */
  List<SpanData> ended() {
    return ended;
  }

  /** The only span of that name; waits until it has ended. */
  SpanData span(String name) {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> ended.stream().anyMatch(span -> span.getName().equals(name)));
    List<SpanData> found = ended.stream().filter(span -> span.getName().equals(name)).toList();
    if (found.size() != 1) {
      throw new AssertionError(found.size() + " spans '" + name + "'");
    }
    return found.get(0);
  }

  List<MetricData> metrics() {
    return List.copyOf(metrics.collectAllMetrics());
  }

  MetricData metric(String name) {
    List<MetricData> all = metrics();
    return all.stream()
        .filter(metric -> metric.getName().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new AssertionError(
                    "no metric '%s' among %s"
                        .formatted(
                            name, all.stream().map(MetricData::getName).collect(joining(", ")))));
  }

  @Override
  public void close() {
    sdk.close();
  }

  private final class Keeper implements SpanProcessor {
    @Override
    public void onStart(Context parent, ReadWriteSpan span) {
      open.add(text(span));
    }

    @Override
    public boolean isStartRequired() {
      return true;
    }

    @Override
    public void onEnd(ReadableSpan span) {
      open.remove(text(span));
      ended.add(span.toSpanData());
    }

    @Override
    public boolean isEndRequired() {
      return true;
    }

    private String text(ReadableSpan span) {
      return span.getName() + " " + span.getSpanContext().getSpanId();
    }
  }
}
