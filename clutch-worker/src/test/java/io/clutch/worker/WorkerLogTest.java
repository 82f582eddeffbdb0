package io.clutch.worker;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.clutch.protocol.ClutchException;
import java.io.FileNotFoundException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an operator finds in the log, where nobody else is told. */
class WorkerLogTest {

  private final CountDownLatch started = new CountDownLatch(1);
  private final Semaphore mayEnd = new Semaphore(0);
  private final LogCapture log = new LogCapture();
  private final Worker.Builder builder = Worker.builder().address("127.0.0.1:0").concurrency(1);

  @AfterEach
  void stop() {
    mayEnd.release(100);
    log.close();
  }

  @Test
  void aFailedBackgroundCallIsLoggedBeforeTheWorkerHasEnded() throws Exception {
    builder.function(
        "fail",
        () -> {
          throw new FileNotFoundException("no such file");
        });
    String id;
    try (Worker worker = builder.build().start();
        TestCaller caller = new TestCaller(worker)) {
      id = caller.enqueue("fail", null);
    }

    assertThat(log.messages(Level.WARN))
        .containsExactly(
            "background call "
                + id
                + " of 'fail' failed: function 'fail' failed: no such file"
                + " (java.io.FileNotFoundException)");
  }

  @Test
  void aBackgroundCallThatIsGivenUpInTheQueueIsLogged() throws Exception {
    builder
        .gracefulTimeout(Duration.ofMillis(100))
        .function("run", () -> 1)
        .function(
            "hold",
            () -> {
              started.countDown();
              mayEnd.acquire();
            });
    String held;
    String waiting;
    try (Worker worker = builder.build().start();
        TestCaller caller = new TestCaller(worker)) {
      held = caller.enqueue("hold", null);
      assertThat(started.await(30, TimeUnit.SECONDS)).isTrue();
      waiting = caller.enqueue("run", null);
    }

    assertThat(log.messages(Level.WARN))
        .anySatisfy(line -> assertThat(line).contains(held + " of 'hold' failed"))
        .anySatisfy(line -> assertThat(line).contains(waiting + " of 'run' was not run"));
  }

  @Test
  void anErrorThatLeavesTheJvmInDoubtIsLoggedAndItsCallerTold() throws Exception {
    builder
        .function(
            "exhaust",
            () -> {
              throw new OutOfMemoryError("only a test");
            })
        .function("fine", () -> 1);
    try (Worker worker = builder.build().start();
        TestCaller caller = new TestCaller(worker)) {
      ClutchException failure = TestCaller.failureOf(() -> caller.call("exhaust", null));

      assertThat(failure.details()).containsEntry("exception", "java.lang.OutOfMemoryError");
      assertThat(log.messages(Level.ERROR))
          .containsExactly("a function failed with an error that leaves this JVM in doubt");
      assertThat(caller.call("fine", null, Integer.class)).isEqualTo(1);
    }
  }
}
