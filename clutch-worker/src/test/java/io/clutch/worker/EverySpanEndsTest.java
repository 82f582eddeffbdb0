package io.clutch.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.Uninterruptibles;
import io.clutch.protocol.PayloadCodec;
import io.clutch.v1.EnqueueRequest;
import io.clutch.v1.WorkerGrpc;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.sdk.metrics.data.HistogramPointData;
import io.opentelemetry.sdk.trace.data.SpanData;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/** Whatever becomes of calls, every span that was started ends, and every call is told once. */
class EverySpanEndsTest {

  private static final List<String> FUNCTIONS =
      List.of(
          "quick",
          "fail",
          "fail",
          "block",
          "block",
          "deaf",
          "error",
          "inline",
          "inlineFail",
          "outer",
          "outerFail",
          "number",
          "nosuch",
          "");

  /** Lets functions go that heed nothing else. */
  private final CountDownLatch release = new CountDownLatch(1);

  /** Background calls that fail are logged, and here hundreds do. */
  private final Logger log = (Logger) LoggerFactory.getLogger(Worker.class);

  @BeforeEach
  void hush() {
    log.setLevel(Level.ERROR);
  }

  @AfterEach
  void speak() {
    log.setLevel(null);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 50, 5_000})
  void everySpanEndsOnce(int gracefulMillis) throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    try (TestTelemetry telemetry = new TestTelemetry()) {
      Worker worker = worker(telemetry, Duration.ofMillis(gracefulMillis));
      List<ListenableFuture<?>> calls = new ArrayList<>();
      try (TestCaller caller = new TestCaller(worker)) {
        for (int i = 0; i < 400; i++) {
          calls.add(call(caller, random));
          if (random.nextInt(4) == 0) {
            calls.get(random.nextInt(calls.size())).cancel(true);
          }
          if (random.nextInt(20) == 0) {
            awaitEnd(calls.get(random.nextInt(calls.size())));
          }
        }
        if (gracefulMillis > 1_000) {
          release.countDown();
        }
        worker.close();
      }
      release.countDown();

      await("seed " + seed)
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(telemetry.open()).isEmpty());
      List<SpanData> ended = telemetry.ended();
      assertThat(ended.stream().map(SpanData::getSpanId).distinct()).hasSameSizeAs(ended);
      assertThat(count(telemetry, "rpc.server.call.duration"))
          .as("seed %s", seed)
          .isPositive()
          .isEqualTo(count(ended, SpanKind.SERVER) + count(ended, SpanKind.CONSUMER));
      assertThat(
              count(telemetry, "clutch.worker.queue.duration")
                  + count(telemetry, "clutch.worker.function.duration"))
          .as("seed %s", seed)
          .isEqualTo(count(ended, SpanKind.INTERNAL));
    }
  }

  private Worker worker(TestTelemetry telemetry, Duration gracefulTimeout) throws IOException {
    return Worker.builder()
        .address("127.0.0.1:0")
        .concurrency(3)
        .queueCapacity(8)
        .timeout(Duration.ofMillis(30))
        .gracefulTimeout(gracefulTimeout)
        .openTelemetry(telemetry.sdk())
        .function("quick", Void.class, (nothing, call) -> 1)
        .function("fail", Void.class, (nothing, call) -> fail())
        .function("block", () -> release.await(20, TimeUnit.SECONDS))
        .function(
            "deaf", () -> Uninterruptibles.awaitUninterruptibly(release, 60, TimeUnit.MILLISECONDS))
        .function(
            "error",
            () -> {
              throw new AssertionError("on purpose");
            })
        .function("outer", Void.class, (nothing, call) -> call.cascade("quick", null, int.class))
        .function(
            "outerFail", Void.class, (nothing, call) -> call.cascade("fail", null, Void.class))
        .function("number", int.class, n -> n)
        .function(FunctionDefinition.named("inline").inline().runs((nothing, call) -> 1))
        .function(FunctionDefinition.named("inlineFail").inline().runs((nothing, call) -> fail()))
        .build()
        .start();
  }

  private static int fail() {
    throw new IllegalStateException("on purpose");
  }

  private static ListenableFuture<?> call(TestCaller caller, Random random) {
    String function = FUNCTIONS.get(random.nextInt(FUNCTIONS.size()));
    if (random.nextInt(3) == 0) {
      return WorkerGrpc.newFutureStub(caller.channel())
          .withDeadlineAfter(20, TimeUnit.SECONDS)
          .enqueue(
              EnqueueRequest.newBuilder()
                  .setFunction(function)
                  .setPayload(PayloadCodec.standard().encode(null))
                  .build());
    }
    return caller.start(function, null, Duration.ofMillis(1 + random.nextInt(100)));
  }

  /** Has the calls come at different times. */
  private static void awaitEnd(ListenableFuture<?> call) throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    call.addListener(done::countDown, Runnable::run);
    assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
  }

  private static long count(List<SpanData> spans, SpanKind kind) {
    return spans.stream().filter(span -> span.getKind() == kind).count();
  }

  private static long count(TestTelemetry telemetry, String histogram) {
    return telemetry.metrics().stream()
        .filter(metric -> metric.getName().equals(histogram))
        .flatMap(metric -> metric.getHistogramData().getPoints().stream())
        .mapToLong(HistogramPointData::getCount)
        .sum();
  }
}
