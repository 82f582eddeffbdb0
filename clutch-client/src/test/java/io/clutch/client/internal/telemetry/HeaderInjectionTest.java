package io.clutch.client.internal.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Strings;
import io.grpc.Metadata;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.context.propagation.TextMapSetter;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Which headers a call carries. */
class HeaderInjectionTest {

  private static final String OLD = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  private static final String NEW = "00-11111111111111111111111111111111-2222222222222222-01";

  private final Context traced =
      Context.root()
          .with(
              Span.wrap(
                  SpanContext.create(
                      "11111111111111111111111111111111",
                      "2222222222222222",
                      TraceFlags.getSampled(),
                      TraceState.getDefault())));

  @Test
  void aTraceTakesThePlaceOfAnOlderOneWithAllThatBelongsToThat() {
    Metadata headers =
        headers(Map.of("traceparent", OLD, "tracestate", "vendor=1", "x-own", "stays"));

    new HeaderInjection(W3CTraceContextPropagator.getInstance()).inject(traced, headers);

    assertThat(text(headers)).isEqualTo(Map.of("traceparent", NEW, "x-own", "stays"));
  }

  @Test
  void withoutATraceHeadersStayAsTheyAre() {
    Metadata headers = headers(Map.of("traceparent", OLD, "tracestate", "vendor=1"));

    new HeaderInjection(W3CTraceContextPropagator.getInstance()).inject(Context.root(), headers);

    assertThat(text(headers)).isEqualTo(Map.of("traceparent", OLD, "tracestate", "vendor=1"));
  }

  @Test
  void whatIsInjectedWithoutATraceReplacesOnlyItself() {
    Metadata headers = headers(Map.of("traceparent", OLD, "baggage", "old=1"));

    new HeaderInjection(new Fixed(Set.of("traceparent", "baggage"), Map.of("baggage", "new=1")))
        .inject(Context.root(), headers);

    assertThat(text(headers)).isEqualTo(Map.of("traceparent", OLD, "baggage", "new=1"));
  }

  @Test
  void whatDoesNotFitIsLeftOutTheLargestFirst() {
    Metadata headers = headers(Map.of("x-own", "v".repeat(6 * 1024 - 40)));
    String tooLong = "b".repeat(1_000);

    new HeaderInjection(new Fixed(Map.of("baggage", tooLong, "traceparent", NEW, "b3", "1-2")))
        .inject(Context.root(), headers);

    assertThat(text(headers)).containsOnlyKeys("x-own", "traceparent", "b3");
  }

  @Test
  void whatGrpcCannotSendIsLeftOut() {
    Metadata headers = new Metadata();

    new HeaderInjection(
            new Fixed(Map.of("x-bin", "1", "no name", "1", "newline", "a\nb", "X-Upper", "1")))
        .inject(Context.root(), headers);

    assertThat(text(headers)).isEqualTo(Map.of("x-upper", "1"));
  }

  private static Metadata headers(Map<String, String> values) {
    Metadata headers = new Metadata();
    values.forEach(
        (name, value) ->
            headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value));
    return headers;
  }

  private static Map<String, String> text(Metadata headers) {
    Map<String, String> text = new TreeMap<>();
    for (String name : headers.keys()) {
      text.put(
          name,
          Strings.nullToEmpty(
              headers.get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER))));
    }
    return text;
  }

  /** Injects always the same. */
  private record Fixed(Set<String> fields, Map<String, String> values)
      implements TextMapPropagator {
    Fixed(Map<String, String> values) {
      this(values.keySet(), values);
    }

    @Override
    public <C> void inject(Context context, C carrier, TextMapSetter<C> setter) {
      values.forEach((name, value) -> setter.set(carrier, name, value));
    }

    @Override
    public <C> Context extract(Context context, C carrier, TextMapGetter<C> getter) {
      return context;
    }
  }
}
