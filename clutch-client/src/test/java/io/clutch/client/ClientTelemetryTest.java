package io.clutch.client;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.awaitility.Awaitility.await;

import com.google.common.reflect.TypeToken;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.worker.Call;
import io.clutch.worker.Worker;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.context.propagation.TextMapSetter;
import io.opentelemetry.sdk.metrics.data.LongPointData;
import io.opentelemetry.sdk.metrics.data.PointData;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a client tells OpenTelemetry of its calls, and what a worker learns of that. */
@Timeout(120)
class ClientTelemetryTest {

  private static final String OLD = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  private static final TypeToken<Map<String, String>> TEXTS = new TypeToken<>() {};

  private final TestTelemetry atClient = new TestTelemetry();
  private final TestTelemetry atWorker = new TestTelemetry();
  private final CountDownLatch busy = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);
  private Worker worker;
  private ClutchClient client;

  @BeforeEach
  void start() throws IOException {
    worker =
        Worker.builder()
            .address("127.0.0.1:0")
            .concurrency(2)
            .openTelemetry(atWorker.sdk())
            .function("headers", Void.class, (nothing, call) -> call.headers())
            .function(
                "baggage",
                Void.class,
                (nothing, call) -> String.valueOf(Baggage.current().getEntryValue("tenant")))
            .function("nested", Void.class, (nothing, call) -> callBack(call))
            .function(
                "fail",
                String.class,
                secret -> {
                  throw new IllegalStateException("went wrong");
                })
            .function(
                "block",
                () -> {
                  busy.countDown();
                  release.await();
                })
            .build()
            .start();
    client = client(atClient.sdk());
  }

  private ClutchClient client(OpenTelemetry telemetry) {
    return ClutchClient.builder()
        .servers(worker.address().toString())
        .timeout(Duration.ofSeconds(30))
        .openTelemetry(telemetry)
        .build();
  }

  /** A function that calls another one over the network, and passes on what it was sent. */
  private Object callBack(Call call) {
    try (ClutchClient inside = client(atWorker.sdk())) {
      Request<Map<String, String>> request = Request.of("headers", null, TEXTS);
      for (Map.Entry<String, String> header : call.headers().entrySet()) {
        request = request.withHeader(header.getKey(), header.getValue());
      }
      return inside.request(request);
    }
  }

  @AfterEach
  void stop() {
    release.countDown();
    client.close();
    worker.close();
    atClient.close();
    atWorker.close();
  }

  @Test
  void oneTraceLeadsFromTheCallerIntoTheFunction() {
    Span mine = atClient.sdk().getTracer("test").spanBuilder("mine").startSpan();
    try (Scope unused = mine.makeCurrent()) {
      client.request("headers", null, TEXTS);
    }
    mine.end();

    SpanData call = atClient.span("headers");
    assertThat(call.getKind()).isEqualTo(SpanKind.CLIENT);
    assertThat(call.getParentSpanId()).isEqualTo(mine.getSpanContext().getSpanId());
    assertThat(attributes(call))
        .containsEntry("rpc.system.name", "clutch")
        .containsEntry("rpc.method", "headers")
        .containsEntry("rpc.response.status_code", "OK")
        .containsEntry("server.address", "127.0.0.1")
        .containsEntry("server.port", (long) worker.address().port())
        .containsEntry("clutch.attempts", 1L)
        .containsEntry("clutch.background", false)
        .doesNotContainKeys("error.type", "clutch.call.id");
    SpanData served = atWorker.span("headers");
    assertThat(served.getTraceId()).isEqualTo(call.getTraceId());
    assertThat(served.getParentSpanId()).isEqualTo(call.getSpanId());
    assertThat(atWorker.span("function headers").getParentSpanId()).isEqualTo(served.getSpanId());
  }

  @Test
  void theSpanHasEndedWhenTheCallerGoesOn() {
    for (int i = 1; i <= 50; i++) {
      client.request("headers", null, TEXTS);
      assertThat(atClient.ended()).filteredOn(span -> span.getName().equals("headers")).hasSize(i);
    }
  }

  @Test
  void callsMadeInAFunctionContinueItsTraceWhateverHeadersItPassesOn() {
    Map<String, String> headers =
        client.request(
            Request.of("nested", null, TEXTS)
                .withHeader("x-own", "value")
                .withHeader("tracestate", "stale=1"));

    SpanData inner =
        atWorker.ended().stream()
            .filter(span -> span.getKind() == SpanKind.CLIENT)
            .findFirst()
            .orElseThrow();
    assertThat(inner.getTraceId()).isEqualTo(atClient.span("nested").getTraceId());
    assertThat(inner.getParentSpanId()).isEqualTo(atWorker.span("function nested").getSpanId());
    assertThat(headers).containsOnlyKeys("x-own", "traceparent").containsEntry("x-own", "value");
    assertThat(headers.get("traceparent"))
        .startsWith("00-%s-%s-".formatted(inner.getTraceId(), inner.getSpanId()));
  }

  @Test
  void baggageTravels() {
    try (Scope unused = Baggage.builder().put("tenant", "blue").build().makeCurrent()) {
      assertThat(client.request("baggage", null, String.class)).isEqualTo("blue");
    }
  }

  @Test
  void hugeBaggageIsLeftBehindAndTheCallIsMade() {
    Request<Map<String, String>> request =
        Request.of("headers", null, TEXTS).withHeader("x-own", "v".repeat(6_000));
    Map<String, String> headers;
    try (Scope unused = Baggage.builder().put("tenant", "b".repeat(7_000)).build().makeCurrent()) {
      headers = client.request(request);
    }

    assertThat(headers).containsOnlyKeys("x-own", "traceparent");
    assertThat(atWorker.span("headers").getTraceId())
        .isEqualTo(atClient.span("headers").getTraceId());
  }

  @Test
  void aBackgroundCallIsProducedHereAndConsumedThere() {
    String id = client.requestBackground(Request.of("headers", null).withCallId("mine-1"));

    SpanData sent = atClient.span("headers");
    assertThat(sent.getKind()).isEqualTo(SpanKind.PRODUCER);
    assertThat(attributes(sent))
        .containsEntry("clutch.background", true)
        .containsEntry("clutch.call.id", id);
    SpanData run = atWorker.span("headers");
    assertThat(run.getKind()).isEqualTo(SpanKind.CONSUMER);
    assertThat(run.getParentSpanId()).isEqualTo(sent.getSpanId());
    assertThat(attributes(run)).containsEntry("clutch.call.id", "mine-1");
  }

  @Test
  void aFailureIsToldWithoutTheArgument() {
    Failures.of(() -> client.request("fail", "a secret", Void.class));

    SpanData call = atClient.span("fail");
    assertThat(call.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(call.getStatus().getDescription()).contains("went wrong");
    assertThat(attributes(call))
        .containsEntry("error.type", "FUNCTION_FAILED")
        .containsEntry("rpc.response.status_code", "UNKNOWN");
    assertThat(atClient.ended().toString()).doesNotContain("a secret");
  }

  @Test
  void anArgumentThatCannotBeSentIsAFailedCall() {
    Failures.of(() -> client.request("headers", Double.NaN, Void.class));

    assertThat(attributes(atClient.span("headers")))
        .containsEntry("error.type", "BAD_ARGUMENTS")
        .containsEntry("clutch.attempts", 0L);
  }

  @Test
  void aCallThatIsCancelledEndsItsSpan() throws Exception {
    CompletableFuture<?> call = client.requestAsync("block", null, Void.class);
    assertThat(busy.await(20, TimeUnit.SECONDS)).isTrue();

    call.cancel(true);

    assertThat(attributes(atClient.span("block"))).containsEntry("error.type", "CANCELLED");
    assertThat(attributes(atWorker.span("block"))).containsEntry("error.type", "CANCELLED");
  }

  @Test
  void attemptsThatFailAreEventsOfTheOneSpan() throws Exception {
    try (Worker full =
            Worker.builder()
                .address("127.0.0.1:0")
                .concurrency(1)
                .queueCapacity(0)
                .function(
                    "block",
                    () -> {
                      busy.countDown();
                      release.await();
                    })
                .build()
                .start();
        ClutchClient impatient =
            ClutchClient.builder()
                .servers(full.address().toString())
                // Over a stream it waits for a permit rather than be refused.
                .callStreams(false)
                .openTelemetry(atClient.sdk())
                .build()) {
      CompletableFuture<?> first = impatient.requestAsync("block", null, Void.class);
      assertThat(busy.await(20, TimeUnit.SECONDS)).isTrue();

      Failures.of(
          () ->
              impatient.request(
                  Request.of("block", "a secret").withTimeout(Duration.ofSeconds(2))));
      release.countDown();
      assertThat(first).succeedsWithin(Duration.ofSeconds(20));
    }

    SpanData call = atClient.ended().get(0);
    assertThat(attributes(call)).containsEntry("error.type", "QUEUE_FULL");
    assertThat(call.getEvents()).isNotEmpty();
    EventData event = call.getEvents().get(0);
    assertThat(event.getName()).isEqualTo("attempt failed");
    assertThat(byName(event.getAttributes().asMap()))
        .containsEntry("error.type", "QUEUE_FULL")
        .containsEntry("server.address", "127.0.0.1")
        .containsKeys("clutch.message", "server.port");
    assertThat(atClient.ended().toString()).doesNotContain("a secret");
    long attempts = (long) attributes(call).get("clutch.attempts");
    assertThat(attempts).isGreaterThan(1);
    assertThat(atClient.metric("clutch.client.repetitions").getLongSumData().getPoints())
        .singleElement()
        .satisfies(
            point -> {
              assertThat(point.getValue()).isEqualTo(attempts - 1);
              assertThat(attributes(point))
                  .isEqualTo(Map.of("clutch.function", "block", "error.type", "QUEUE_FULL"));
            });
  }

  @Test
  void theWaitForAProcessIsTold() throws Exception {
    try (Worker single =
            Worker.builder()
                .address("127.0.0.1:0")
                .concurrency(1)
                .function(
                    "block",
                    () -> {
                      busy.countDown();
                      release.await();
                    })
                .build()
                .start();
        ClutchClient waiting =
            ClutchClient.builder()
                .servers(single.address().toString())
                .openTelemetry(atClient.sdk())
                .build()) {
      CompletableFuture<?> first = waiting.requestAsync("block", null, Void.class);
      assertThat(busy.await(20, TimeUnit.SECONDS)).isTrue();
      CompletableFuture<?> second = waiting.requestAsync("block", null, Void.class);
      CompletableFuture<?> dropped = waiting.requestAsync("block", null, Void.class);
      await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(
              () ->
                  assertThat(
                          atClient
                              .metric("clutch.client.calls.waiting")
                              .getLongSumData()
                              .getPoints())
                      .extracting(LongPointData::getValue)
                      .contains(2L));

      dropped.cancel(true);
      release.countDown();

      assertThat(first).succeedsWithin(Duration.ofSeconds(20));
      assertThat(second).succeedsWithin(Duration.ofSeconds(20));
    }
    Set<String> calls =
        atClient.ended().stream()
            .filter(span -> span.getName().equals("block"))
            .map(SpanData::getSpanId)
            .collect(toSet());
    // The first one may have waited for the connection.
    assertThat(atClient.ended())
        .filteredOn(span -> span.getName().equals("queue"))
        .hasSizeBetween(2, 3)
        .allMatch(span -> calls.contains(span.getParentSpanId()))
        .filteredOn(span -> attributes(span).containsKey("error.type"))
        .singleElement()
        .satisfies(span -> assertThat(attributes(span)).containsEntry("error.type", "CANCELLED"));
    assertThat(atClient.metric("clutch.client.queue.duration").getHistogramData().getPoints())
        .extracting(ClientTelemetryTest::attributes)
        .contains(
            Map.of("clutch.function", "block"),
            Map.of("clutch.function", "block", "error.type", "CANCELLED"));
  }

  @Test
  void metricsTellOfCalls() {
    client.request("headers", null, TEXTS);
    assertThat(Failures.of(() -> client.request("nosuch", null, Void.class)).reason())
        .isEqualTo(Reason.FUNCTION_NOT_FOUND);

    assertThat(atClient.metric("rpc.client.call.duration").getHistogramData().getPoints())
        .extracting(ClientTelemetryTest::attributes)
        .containsExactlyInAnyOrder(
            Map.of(
                "rpc.system.name", "clutch",
                "rpc.method", "headers",
                "rpc.response.status_code", "OK",
                "clutch.background", false),
            Map.of(
                "rpc.system.name", "clutch",
                "rpc.method", "_OTHER",
                "rpc.response.status_code", "NOT_FOUND",
                "error.type", "FUNCTION_NOT_FOUND",
                "clutch.background", false));
    // One for all calls; the other ones end with the client.
    assertThat(atClient.metric("grpc.client.attempt.started").getLongSumData().getPoints())
        .extracting(point -> attributes(point).get("grpc.method"))
        .contains("clutch.v1.Worker/CallStream");
  }

  /** Propagators are the application's own, and may be wrong. */
  @Test
  void aCallEndsThoughAPropagatorThrows() {
    TestTelemetry broken = new TestTelemetry(new ThrowingPropagator());
    try (broken;
        ClutchClient told = client(broken.sdk())) {
      CompletableFuture<Map<String, String>> call = told.requestAsync("headers", null, TEXTS);

      assertThat(call)
          .failsWithin(Duration.ofSeconds(30))
          .withThrowableThat()
          .havingCause()
          .isInstanceOfSatisfying(
              ClutchException.class,
              failure -> {
                assertThat(failure.reason()).isEqualTo(Reason.INTERNAL);
                assertThat(failure.started()).isEqualTo(Started.NO);
                assertThat(failure).hasMessageContaining("a defect of the application's");
              });
      assertThat(broken.open()).isEmpty();
      assertThat(attributes(broken.span("headers"))).containsEntry("error.type", "INTERNAL");
    }
    assertThat(atWorker.ended()).isEmpty();
  }

  private static final class ThrowingPropagator implements TextMapPropagator {
    @Override
    public List<String> fields() {
      return List.of();
    }

    @Override
    public <C> void inject(Context context, C carrier, TextMapSetter<C> setter) {
      throw new IllegalStateException("a defect of the application's");
    }

    @Override
    public <C> Context extract(Context context, C carrier, TextMapGetter<C> getter) {
      return context;
    }
  }

  @Test
  void withoutSdkNoHeaderIsAddedAndTheRequestsOwnPass() {
    try (ClutchClient plain = ClutchClient.builder().servers(worker.address().toString()).build()) {
      assertThat(plain.request("headers", null, TEXTS)).isEqualTo(Map.of());
      assertThat(plain.request(Request.of("headers", null, TEXTS).withHeader("traceparent", OLD)))
          .isEqualTo(Map.of("traceparent", OLD));
    }
    assertThat(GlobalOpenTelemetry.isSet()).isFalse();
    assertThat(atClient.ended()).isEmpty();
  }

  @Test
  void nullIsRefused() {
    assertThatNullPointerException().isThrownBy(() -> ClutchClient.builder().openTelemetry(null));
  }

  private static Map<String, Object> attributes(SpanData span) {
    return byName(span.getAttributes().asMap());
  }

  private static Map<String, Object> attributes(PointData point) {
    return byName(point.getAttributes().asMap());
  }

  private static Map<String, Object> byName(Map<AttributeKey<?>, Object> attributes) {
    Map<String, Object> named = new TreeMap<>();
    attributes.forEach((key, value) -> named.put(key.getKey(), value));
    return named;
  }
}
