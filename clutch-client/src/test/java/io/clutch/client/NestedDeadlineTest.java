package io.clutch.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Stopwatch;
import io.clutch.protocol.Reason;
import io.clutch.worker.Call;
import io.clutch.worker.Worker;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A function that calls a function of another worker, with much more time than it has itself. */
@Timeout(60)
final class NestedDeadlineTest {

  private static final Duration MUCH = Duration.ofMinutes(10);

  private final CountDownLatch innerRuns = new CountDownLatch(1);
  private final CountDownLatch innerInterrupted = new CountDownLatch(1);
  private final AtomicReference<Duration> innerTime = new AtomicReference<>();
  private Worker inner;
  private ClutchClient toInner;

  @BeforeEach
  void start() throws IOException {
    inner =
        Worker.builder()
            .address("127.0.0.1:0")
            .timeout(Duration.ZERO)
            .function("inner", Void.class, this::inner)
            .build()
            .start();
    toInner = ClutchClient.builder().servers(inner.address().toString()).timeout(MUCH).build();
  }

  @AfterEach
  void stop() {
    toInner.close();
    inner.close();
  }

  @Test
  void theOuterCallersDeadlineHoldsForTheInnerCall() throws Exception {
    try (Worker outer = outer(Duration.ZERO);
        ClutchClient client = client(outer)) {
      Stopwatch stopwatch = Stopwatch.createStarted();

      Reason reason =
          Failures.of(
                  () ->
                      client.request(Request.of("outer", null).withTimeout(Duration.ofSeconds(3))))
              .reason();

      assertThat(reason).isEqualTo(Reason.DEADLINE_EXCEEDED);
      assertThat(stopwatch.elapsed()).isLessThan(Duration.ofSeconds(10));
      assertThat(innerInterrupted.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(innerTime.get()).isLessThanOrEqualTo(Duration.ofSeconds(3));
    }
  }

  @Test
  void theOuterWorkersTimeoutHoldsForTheInnerCall() throws Exception {
    try (Worker outer = outer(Duration.ofSeconds(3));
        ClutchClient client = client(outer)) {
      Reason reason =
          Failures.of(() -> client.request(Request.of("outer", null).withTimeout(MUCH))).reason();

      assertThat(reason).isEqualTo(Reason.FUNCTION_TIMEOUT);
      assertThat(innerInterrupted.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(innerTime.get()).isLessThanOrEqualTo(Duration.ofSeconds(3));
    }
  }

  @Test
  void cancellingTheOuterCallCancelsTheInnerOne() throws Exception {
    try (Worker outer = outer(Duration.ZERO);
        ClutchClient client = client(outer)) {
      CompletableFuture<Void> call =
          client.requestAsync(Request.of("outer", null).withTimeout(MUCH));
      assertThat(innerRuns.await(20, TimeUnit.SECONDS)).isTrue();

      assertThat(call.cancel(true)).isTrue();

      assertThat(innerInterrupted.await(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void cancellingTheOuterCallCancelsAnInnerOneThatItDoesNotWaitFor() throws Exception {
    try (Worker outer =
            Worker.builder()
                .address("127.0.0.1:0")
                .timeout(Duration.ZERO)
                .function(
                    "outer",
                    () -> {
                      var unused = toInner.requestAsync("inner", null, Void.class);
                      new CountDownLatch(1).await();
                    })
                .build()
                .start();
        ClutchClient client = client(outer)) {
      CompletableFuture<Void> call =
          client.requestAsync(Request.of("outer", null).withTimeout(MUCH));
      assertThat(innerRuns.await(20, TimeUnit.SECONDS)).isTrue();

      assertThat(call.cancel(true)).isTrue();

      assertThat(innerInterrupted.await(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  private Worker outer(Duration timeout) throws IOException {
    return Worker.builder()
        .address("127.0.0.1:0")
        .timeout(timeout)
        .function("outer", () -> toInner.request("inner", null, Void.class))
        .build()
        .start();
  }

  private static ClutchClient client(Worker outer) {
    return ClutchClient.builder().servers(outer.address().toString()).build();
  }

  private String inner(Void nothing, Call call) throws InterruptedException {
    call.deadline()
        .ifPresent(deadline -> innerTime.set(Duration.between(java.time.Instant.now(), deadline)));
    innerRuns.countDown();
    try {
      new CountDownLatch(1).await();
      return "awake";
    } catch (InterruptedException e) {
      innerInterrupted.countDown();
      throw e;
    }
  }
}
