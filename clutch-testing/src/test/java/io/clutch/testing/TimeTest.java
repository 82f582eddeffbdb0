package io.clutch.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clutch.client.ClutchClient;
import io.clutch.client.Request;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.worker.Call;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Deadlines and limits follow the clock, and nothing but the clock. */
@Timeout(60)
final class TimeTest {

  private static final Duration SOON = Duration.ofSeconds(20);

  private final CompletableFuture<Call> running = new CompletableFuture<>();

  @RegisterExtension
  final ClutchExtension clutch =
      ClutchExtension.worker(
          worker ->
              worker
                  .timeout(Duration.ofSeconds(7))
                  .function("block", Void.class, this::block)
                  .function(
                      "deadline", Void.class, (nothing, call) -> call.deadline().orElseThrow()));

  private @Nullable Void block(@Nullable Void nothing, Call call) throws InterruptedException {
    running.complete(call);
    new CountDownLatch(1).await();
    return null;
  }

  private CompletableFuture<Void> startBlocking(Duration timeout) {
    CompletableFuture<Void> call =
        clutch.client().requestAsync(Request.of("block", null, Void.class).withTimeout(timeout));
    clutch.awaitCalls("block", calls -> calls.started() == 1);
    running.join();
    return call;
  }

  @Test
  void aCallEndsAtItsDeadlineByTheClock() {
    CompletableFuture<Void> call = startBlocking(Duration.ofSeconds(5));

    clutch.clock().advance(Duration.ofSeconds(5).minusNanos(1));
    assertThat(call).isNotDone();
    clutch.clock().advance(Duration.ofNanos(1));

    ClutchException failure = Failures.of(call);
    assertThat(failure.reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
    assertThat(failure.started()).isNotEqualTo(Started.NO);
    clutch.awaitCalls("block", calls -> calls.running() == 0);
    assertThat(running.join().isCancelled()).isTrue();
  }

  @Test
  void aCallDoesNotEndByTheSystemsTime() {
    CompletableFuture<Void> call = startBlocking(Duration.ofMillis(20));

    assertThatThrownBy(() -> call.get(300, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);

    assertThat(running.join().isCancelled()).isFalse();
  }

  @Test
  void aFunctionThatRunsForTooLongIsInterruptedByTheClock() {
    CompletableFuture<Void> call = startBlocking(Duration.ofSeconds(10));

    clutch.clock().advance(Duration.ofSeconds(7).minusNanos(1));
    assertThat(call).isNotDone();
    clutch.clock().advance(Duration.ofNanos(1));

    ClutchException failure = Failures.of(call);
    assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_TIMEOUT);
    assertThat(failure).hasMessageContaining("the worker's timeout of PT7S");
    clutch.awaitCalls("block", calls -> calls.running() == 0);
  }

  @Test
  void aFunctionSeesItsDeadlineByTheClock(ClutchClient client) {
    clutch.clock().advance(Duration.ofDays(400));
    Request<Instant> request =
        Request.of("deadline", null, Instant.class).withTimeout(Duration.ofSeconds(5));

    Instant deadline = client.request(request);

    assertThat(deadline).isEqualTo(clutch.clock().instant().plusSeconds(5));
  }

  @Test
  void aCallThatAFunctionMakesEndsWithTheFunctionsTime() {
    TestClock clock = new TestClock();
    try (TestWorker inner =
            TestWorker.builder()
                .clock(clock)
                .worker(w -> w.function("block", Void.class, this::block))
                .start();
        TestWorker outer =
            TestWorker.builder()
                .clock(clock)
                .worker(
                    w ->
                        w.function(
                            "outer", () -> inner.client().request("block", null, Void.class)))
                .start()) {
      CompletableFuture<Void> call =
          outer
              .client()
              .requestAsync(
                  Request.of("outer", null, Void.class).withTimeout(Duration.ofSeconds(2)));
      Call nested = running.join();

      assertThat(nested.deadline()).contains(clock.instant().plusSeconds(2));
      clock.advance(Duration.ofSeconds(2));

      assertThat(Failures.of(call).reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
      inner.awaitCalls("block", calls -> calls.running() == 0);
    }
  }

  @Test
  void workersThatCallEachOtherOnDifferentClocksAreAClearError() {
    try (TestWorker inner = TestWorker.start(w -> w.function("now", () -> Instant.now()));
        TestWorker outer =
            TestWorker.start(
                w ->
                    w.function(
                        "outer", () -> inner.client().request("now", null, Instant.class)))) {
      ClutchException failure =
          Failures.of(() -> outer.client().request("outer", null, Instant.class));

      assertThat(failure)
          .hasMessageContaining("all who call each other in a test must share a clock");
    }
  }

  @Test
  void realTimeIsTheSystems() {
    try (TestWorker worker =
        TestWorker.builder()
            .realTime()
            .worker(
                w ->
                    w.function("block", Void.class, this::block)
                        .function("now", () -> Instant.now()))
            .client(client -> client.timeout(Duration.ofMillis(200)))
            .start()) {
      ClutchException failure =
          Failures.of(() -> worker.client().request("block", null, Void.class));
      assertThat(failure.reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);

      worker.faults().drop("now");
      CompletableFuture<Instant> dropped = worker.client().requestAsync("now", null, Instant.class);
      assertThat(Failures.of(dropped).reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);

      worker.faults().delay("now", Duration.ofMillis(5));
      worker.faults().kill("now");
      CompletableFuture<Instant> again =
          worker
              .client()
              .requestAsync(Request.of("now", null, Instant.class).withTimeout(SOON).idempotent());
      assertThat(again).succeedsWithin(SOON);

      assertThatThrownBy(worker::clock)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("realTime()");
    }
  }
}
