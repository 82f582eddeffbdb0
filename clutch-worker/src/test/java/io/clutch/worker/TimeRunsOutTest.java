package io.clutch.worker;

import static io.clutch.worker.TestCaller.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.Uninterruptibles;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Functions that answer the end of their time in different ways. */
class TimeRunsOutTest {

  private final Worker.Builder builder =
      Worker.builder().address("127.0.0.1:0").concurrency(1).timeout(Duration.ofMillis(30));

  @Test
  void aFunctionThatGivesUpWhenItsTimeIsOverHasTimedOut() throws Exception {
    builder.function(
        "poll",
        Void.class,
        (nothing, call) -> {
          while (!call.isCancelled()) {
            Thread.onSpinWait();
          }
          throw new IllegalStateException("gave up");
        });
    try (Worker worker = builder.build().start();
        TestCaller caller = new TestCaller(worker)) {
      for (int i = 0; i < 30; i++) {
        ClutchException failure = failureOf(() -> caller.call("poll", null));
        assertThat(failure.reason())
            .as("round %s: %s", i, failure)
            .isEqualTo(Reason.FUNCTION_TIMEOUT);
        assertThat(failure.started()).isEqualTo(Started.YES);
      }
    }
  }

  @Test
  void theCallerOfAFunctionThatIgnoresTheInterruptIsToldInTime() throws Exception {
    CountDownLatch mayEnd = new CountDownLatch(1);
    builder
        .function("deaf", () -> Uninterruptibles.awaitUninterruptibly(mayEnd))
        .function("interrupted", () -> Thread.currentThread().isInterrupted());
    try (Worker worker = builder.build().start();
        TestCaller caller = new TestCaller(worker)) {
      assertThat(failureOf(() -> caller.call("deaf", null)).reason())
          .isEqualTo(Reason.FUNCTION_TIMEOUT);

      mayEnd.countDown();

      assertThat(caller.call("interrupted", null, Boolean.class)).isFalse();
    }
  }

  @Test
  void theEndOfTheWorkerIsNotHeldUpByAFunctionThatIgnoresTheInterrupt() throws Exception {
    CountDownLatch mayEnd = new CountDownLatch(1);
    CountDownLatch started = new CountDownLatch(1);
    builder
        .timeout(Duration.ZERO)
        .gracefulTimeout(Duration.ofMillis(100))
        .function(
            "deaf",
            () -> {
              started.countDown();
              Uninterruptibles.awaitUninterruptibly(mayEnd);
            });
    try (Worker worker = builder.build().start();
        TestCaller caller = new TestCaller(worker)) {
      var call = caller.start("deaf", null);
      started.await();

      long start = System.nanoTime();
      worker.close();

      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
      ClutchException failure = failureOf(call);
      assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(failure.started()).isEqualTo(Started.YES);
      mayEnd.countDown();
    }
  }
}
