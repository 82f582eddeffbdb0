package io.clutch.worker;

import static io.clutch.worker.TestCaller.failureOf;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableSet;
import com.google.common.util.concurrent.ListenableFuture;
import io.clutch.protocol.PayloadCodec;
import io.clutch.protocol.Reason;
import io.clutch.protocol.ServerAddress;
import io.clutch.v1.CallRequest;
import io.clutch.v1.CallResponse;
import io.clutch.worker.internal.telemetry.CallTelemetry;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import io.opentelemetry.api.baggage.Baggage;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.metrics.data.MetricData;
import io.opentelemetry.sdk.metrics.data.PointData;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a worker tells OpenTelemetry of its calls. */
class WorkerTelemetryTest {

  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String PARENT = "b7ad6b7169203331";
  private static final String TRACEPARENT = "00-" + TRACE + "-" + PARENT + "-01";

  private final TestTelemetry telemetry = new TestTelemetry();
  private final CountDownLatch busy = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);
  private Worker worker;
  private TestCaller caller;

  private void serve(UnaryOperator<Worker.Builder> more) throws IOException {
    worker =
        more.apply(
                Worker.builder()
                    .address("127.0.0.1:0")
                    .concurrency(1)
                    .gracefulTimeout(Duration.ofSeconds(20))
                    .openTelemetry(telemetry.sdk())
                    .function("greet", String.class, name -> "Hello, " + name)
                    .function("see", Void.class, (nothing, call) -> seen(call))
                    .function(
                        "outer",
                        Void.class,
                        (nothing, call) -> call.cascade("see", null, List.class))
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
                        }))
            .build()
            .start();
    caller = new TestCaller(worker);
  }

  private static List<String> seen(Call call) {
    return List.of(
        Span.current().getSpanContext().getTraceId(),
        Span.current().getSpanContext().getSpanId(),
        String.valueOf(Baggage.current().getEntryValue("tenant")),
        call.headers().getOrDefault("x-own", "none"));
  }

  private List<?> callWithHeaders(String function, Map<String, String> headers) {
    Metadata metadata = new Metadata();
    headers.forEach(
        (name, value) ->
            metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value));
    CallResponse response =
        caller
            .stub()
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata))
            .call(CallRequest.newBuilder().setFunction(function).build());
    return (List<?>) PayloadCodec.standard().decode(response.getPayload(), List.class);
  }

  @AfterEach
  void stop() throws Exception {
    release.countDown();
    if (caller != null) {
      caller.close();
      worker.close();
    }
    telemetry.close();
  }

  @Test
  void aCallContinuesTheTraceOfItsCaller() throws IOException {
    serve(builder -> builder);

    callWithHeaders("see", Map.of("traceparent", TRACEPARENT));

    SpanData call = telemetry.span("see");
    assertThat(call.getTraceId()).isEqualTo(TRACE);
    assertThat(call.getParentSpanId()).isEqualTo(PARENT);
    assertThat(call.getKind()).isEqualTo(SpanKind.SERVER);
    assertThat(call.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
    assertThat(attributes(call))
        .containsEntry("rpc.system.name", "clutch")
        .containsEntry("rpc.method", "see")
        .containsEntry("rpc.response.status_code", "OK")
        .containsEntry("clutch.background", false)
        .containsEntry("network.peer.address", "127.0.0.1")
        .containsKeys("clutch.call.id", "network.peer.port")
        .doesNotContainKeys("error.type", "clutch.slot");
    SpanData function = telemetry.span("function see");
    assertThat(function.getParentSpanId()).isEqualTo(call.getSpanId());
    assertThat(function.getKind()).isEqualTo(SpanKind.INTERNAL);
    assertThat(attributes(function)).containsEntry("clutch.function", "see");
    assertThat(telemetry.ended()).hasSize(2);
  }

  @Test
  void aFunctionRunsInItsSpanWithTheCallersBaggage() throws IOException {
    serve(builder -> builder);

    List<?> seen =
        callWithHeaders("see", Map.of("traceparent", TRACEPARENT, "baggage", "tenant=blue"));

    assertThat(seen)
        .isEqualTo(List.of(TRACE, telemetry.span("function see").getSpanId(), "blue", "none"));
  }

  @Test
  void aCascadeIsASpanWithinThatOfItsFunctionAndSeesTheSameHeaders() throws IOException {
    serve(builder -> builder);

    List<?> seen = callWithHeaders("outer", Map.of("traceparent", TRACEPARENT, "x-own", "value"));

    SpanData cascade = telemetry.span("cascade see");
    assertThat(cascade.getParentSpanId()).isEqualTo(telemetry.span("function outer").getSpanId());
    assertThat(seen).isEqualTo(List.of(TRACE, cascade.getSpanId(), "null", "value"));
  }

  @Test
  void aThreadHasNothingOfTheLastCall() throws Exception {
    serve(
        builder ->
            builder.function(
                FunctionDefinition.named("inline").inline().runs((nothing, call) -> seen(call))));

    List<?> first = callWithHeaders("inline", Map.of("traceparent", TRACEPARENT));
    List<?> second = callWithHeaders("inline", Map.of());

    assertThat(first.get(0)).isEqualTo(TRACE);
    assertThat(second.get(0)).isNotEqualTo(TRACE);
    assertThat(telemetry.ended())
        .filteredOn(span -> span.getName().equals("inline"))
        .extracting(SpanData::getParentSpanId)
        .containsExactly(PARENT, "0000000000000000");
  }

  @Test
  void aCallThatWaitsHasASpanForTheWait() throws Exception {
    serve(builder -> builder);
    ListenableFuture<?> running = caller.start("block", null);
    assertThat(busy.await(20, SECONDS)).isTrue();
    ListenableFuture<?> waiting = caller.start("greet", "you");
    await().until(() -> longValue("clutch.worker.calls.waiting") == 1);
    assertThat(longValue("clutch.worker.calls.running")).isEqualTo(1);

    release.countDown();
    running.get(20, SECONDS);
    waiting.get(20, SECONDS);

    SpanData queue = telemetry.span("queue");
    SpanData call = telemetry.span("greet");
    assertThat(queue.getParentSpanId()).isEqualTo(call.getSpanId());
    assertThat(queue.getStartEpochNanos())
        .isBetween(call.getStartEpochNanos() - 20_000_000, queue.getEndEpochNanos());
    HistogramPointData waits = histogram("clutch.worker.queue.duration").get(0);
    assertThat(waits.getCount()).isEqualTo(1);
    assertThat(attributes(waits)).isEqualTo(Map.of("clutch.function", "greet"));
  }

  @Test
  void aBackgroundCallIsPartOfItsCallersTrace() throws IOException {
    serve(builder -> builder);

    String id = caller.enqueue("greet", "you");

    SpanData call = telemetry.span("greet");
    assertThat(call.getKind()).isEqualTo(SpanKind.CONSUMER);
    assertThat(attributes(call))
        .containsEntry("clutch.background", true)
        .containsEntry("clutch.call.id", id);
    assertThat(telemetry.span("function greet").getParentSpanId()).isEqualTo(call.getSpanId());
  }

  @Test
  void namesThatNobodyRegisteredAreNoNamesOfSpansAndNoAttributesOfMetrics() throws IOException {
    serve(builder -> builder);
    String madeUp = "x".repeat(1_000);

    assertThat(failureOf(() -> caller.call(madeUp, null)).reason())
        .isEqualTo(Reason.FUNCTION_NOT_FOUND);
    assertThat(failureOf(() -> caller.enqueue("other", null)).reason())
        .isEqualTo(Reason.FUNCTION_NOT_FOUND);
    assertThat(failureOf(() -> caller.call("", null)).reason()).isEqualTo(Reason.BAD_ARGUMENTS);

    assertThat(telemetry.ended()).extracting(SpanData::getName).containsOnly("clutch").hasSize(3);
    assertThat(attributes(telemetry.ended().get(0)))
        .containsEntry("rpc.method", "_OTHER")
        .containsEntry("rpc.method_original", "x".repeat(256))
        .containsEntry("rpc.response.status_code", "NOT_FOUND")
        .containsEntry("error.type", "FUNCTION_NOT_FOUND");
    assertThat(histogram("rpc.server.call.duration"))
        .allSatisfy(point -> assertThat(attributes(point)).containsEntry("rpc.method", "_OTHER"))
        .hasSize(3);
  }

  @Test
  void whatAFunctionThrowsIsToldButNotItsArgument() throws IOException {
    serve(builder -> builder);

    failureOf(() -> caller.call("fail", "a secret"));

    SpanData call = telemetry.span("fail");
    assertThat(call.getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(attributes(call))
        .containsEntry("error.type", "FUNCTION_FAILED")
        .containsEntry("rpc.response.status_code", "UNKNOWN");
    assertThat(call.getEvents()).isEmpty();
    SpanData function = telemetry.span("function fail");
    assertThat(function.getStatus().getDescription()).contains("went wrong");
    assertThat(function.getEvents()).extracting(EventData::getName).containsExactly("exception");
    assertThat(telemetry.ended().toString()).doesNotContain("a secret");
  }

  @Test
  void aCallWhoseArgumentDoesNotFitIsNotToldWithIt() throws IOException {
    serve(builder -> builder.function("number", int.class, n -> n));

    failureOf(() -> caller.call("number", "a secret"));

    assertThat(attributes(telemetry.span("number"))).containsEntry("error.type", "BAD_ARGUMENTS");
    assertThat(telemetry.ended().toString()).doesNotContain("a secret");
  }

  @Test
  void aCallThatIsDroppedFromTheQueueEndsItsSpans() throws Exception {
    serve(builder -> builder);
    ListenableFuture<?> running = caller.start("block", null);
    assertThat(busy.await(20, SECONDS)).isTrue();

    failureOf(caller.start("greet", "you", Duration.ofMillis(100)));

    assertThat(running.isDone()).isFalse();
    // Whichever side notices first that the time is up.
    assertThat(attributes(telemetry.span("greet")).get("error.type"))
        .isIn("DEADLINE_EXCEEDED", "CANCELLED");
    assertThat(telemetry.span("queue").getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    assertThat(telemetry.ended()).noneMatch(span -> span.getName().startsWith("function"));
  }

  @Test
  void aFullQueueEndsTheSpanOfTheCallThatItRefuses() throws Exception {
    serve(builder -> builder.queueCapacity(0));
    ListenableFuture<?> running = caller.start("block", null);
    assertThat(busy.await(20, SECONDS)).isTrue();

    failureOf(() -> caller.call("greet", "you"));

    assertThat(running.isDone()).isFalse();
    assertThat(attributes(telemetry.span("greet")))
        .containsEntry("error.type", "QUEUE_FULL")
        .containsEntry("rpc.response.status_code", "RESOURCE_EXHAUSTED");
    assertThat(telemetry.ended()).hasSize(1);
  }

  @Test
  void aFunctionThatRunsTooLongHasThatAsItsError() throws Exception {
    serve(builder -> builder.timeout(Duration.ofMillis(100)));

    failureOf(() -> caller.call("block", null));

    assertThat(attributes(telemetry.span("block"))).containsEntry("error.type", "FUNCTION_TIMEOUT");
    assertThat(telemetry.span("block").getStatus().getDescription())
        .isEqualTo("the function ran longer than the worker's timeout of PT0.1S; it was at");
    assertThat(attributes(telemetry.span("function block")))
        .containsEntry("error.type", "FUNCTION_TIMEOUT");
  }

  /** Span processors are the application's own, and may be wrong. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aCallHasAnAnswerThoughASpanProcessorThrows(boolean whenStarted) throws Exception {
    TestTelemetry broken = new TestTelemetry(new ThrowingProcessor("function greet", whenStarted));
    try (broken) {
      serve(builder -> builder.openTelemetry(broken.sdk()));

      assertThat(failureOf(caller.start("greet", "Ann")).reason()).isEqualTo(Reason.INTERNAL);

      assertThat(broken.span("greet").getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
      callWithHeaders("see", Map.of());
    }
  }

  private record ThrowingProcessor(String span, boolean isStartRequired) implements SpanProcessor {
    @Override
    public void onStart(Context parent, ReadWriteSpan started) {
      check(started);
    }

    @Override
    public boolean isEndRequired() {
      return !isStartRequired;
    }

    @Override
    public void onEnd(ReadableSpan ended) {
      check(ended);
    }

    private void check(ReadableSpan seen) {
      if (seen.getName().equals(span)) {
        throw new IllegalStateException("a defect of the application's");
      }
    }
  }

  @Test
  void metricsTellOfCallsFunctionsAndLimits() throws IOException {
    serve(builder -> builder);
    caller.call("greet", "you");
    failureOf(() -> caller.call("fail", "secret"));
    callWithHeaders("outer", Map.of());

    assertThat(histogram("rpc.server.call.duration"))
        .extracting(WorkerTelemetryTest::attributes)
        .containsExactlyInAnyOrder(
            Map.of(
                "rpc.system.name", "clutch",
                "rpc.method", "greet",
                "rpc.response.status_code", "OK",
                "clutch.background", false),
            Map.of(
                "rpc.system.name", "clutch",
                "rpc.method", "outer",
                "rpc.response.status_code", "OK",
                "clutch.background", false),
            Map.of(
                "rpc.system.name", "clutch",
                "rpc.method", "fail",
                "rpc.response.status_code", "UNKNOWN",
                "error.type", "FUNCTION_FAILED",
                "clutch.background", false));
    assertThat(histogram("rpc.server.call.duration").get(0).getBoundaries())
        .startsWith(0.005, 0.01)
        .endsWith(10.0);
    assertThat(histogram("clutch.worker.function.duration"))
        .extracting(WorkerTelemetryTest::attributes)
        .contains(
            Map.of("clutch.function", "greet", "clutch.cascade", false),
            Map.of("clutch.function", "see", "clutch.cascade", true),
            Map.of(
                "clutch.function", "fail",
                "clutch.cascade", false,
                "error.type", "FUNCTION_FAILED"));
    assertThat(longValue("clutch.worker.concurrency.limit")).isEqualTo(1);
    assertThat(longValue("clutch.worker.queue.limit")).isEqualTo(1_000);
    assertThat(telemetry.metric("grpc.server.call.duration").getHistogramData().getPoints())
        .extracting(point -> attributes(point).get("grpc.method"))
        .contains("clutch.v1.Worker/Call");
  }

  @Test
  void aChildOfASupervisorSaysWhichOneItIs() {
    CallTelemetry child = CallTelemetry.of(telemetry.sdk(), ImmutableSet.of("greet"), 3);

    child.received("greet", "id", false, new Metadata(), null).ended(null);
    CallTelemetry.Registration load =
        child.observe(
            new CallTelemetry.Load(() -> 1, () -> 0, 2, 4), new ServerAddress("localhost", 1));

    assertThat(attributes(telemetry.span("greet"))).containsEntry("clutch.slot", 3L);
    assertThat(attributes(histogram("rpc.server.call.duration").get(0)))
        .containsEntry("clutch.slot", 3L);
    assertThat(telemetry.metric("clutch.worker.calls.running").getLongSumData().getPoints())
        .singleElement()
        .satisfies(point -> assertThat(attributes(point)).isEqualTo(Map.of("clutch.slot", 3L)));
    load.close();
  }

  @Test
  void aClosedWorkerTellsOfNoLoad() throws Exception {
    serve(builder -> builder);
    assertThat(longValue("clutch.worker.calls.running")).isZero();

    worker.close();

    assertThat(telemetry.metrics())
        .extracting(MetricData::getName)
        .doesNotContain("clutch.worker.calls.running", "clutch.worker.queue.limit");
  }

  private List<HistogramPointData> histogram(String name) {
    return List.copyOf(telemetry.metric(name).getHistogramData().getPoints());
  }

  private long longValue(String name) {
    return telemetry.metric(name).getLongSumData().getPoints().iterator().next().getValue();
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
