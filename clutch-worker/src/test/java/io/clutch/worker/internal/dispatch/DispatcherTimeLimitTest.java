package io.clutch.worker.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When tasks that run for too long are cancelled. */
class DispatcherTimeLimitTest {

  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration TICK = Duration.ofNanos(1);

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final ManualTime time = new ManualTime();

  @AfterEach
  void stopThreads() throws InterruptedException {
    threads.shutdownNow();
    assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void cancelsExactlyAtTheLimit() {
    TestTask task = TestTask.blocking();
    dispatcher(1, 0).submit(task);
    task.awaitStarted();

    time.advance(LIMIT.minus(TICK));
    assertThat(task.cancelled()).isEmpty();
    time.advance(TICK);

    assertTimedOut(task);
    task.awaitInterrupted();
  }

  @Test
  void cancelsEachTaskAtItsOwnTime() {
    Dispatcher dispatcher = dispatcher(3, 0);
    TestTask[] tasks = {TestTask.blocking(), TestTask.blocking(), TestTask.blocking()};
    for (TestTask task : tasks) {
      dispatcher.submit(task);
      task.awaitStarted();
      time.advance(Duration.ofSeconds(1));
    }

    time.advance(LIMIT.minusSeconds(3).minus(TICK));
    assertThat(tasks[0].cancelled()).isEmpty();
    for (int i = 0; i < tasks.length; i++) {
      time.advance(TICK);
      assertTimedOut(tasks[i]);
      time.advance(Duration.ofSeconds(1).minus(TICK));
      if (i + 1 < tasks.length) {
        assertThat(tasks[i + 1].cancelled()).isEmpty();
      }
    }
  }

  @Test
  void theTimeInTheQueueDoesNotCount() {
    Dispatcher dispatcher = dispatcher(1, 1);
    TestTask first = TestTask.blocking();
    TestTask second = TestTask.blocking();
    dispatcher.submit(first);
    first.awaitStarted();
    dispatcher.submit(second);

    time.advance(Duration.ofSeconds(6));
    first.release();
    second.awaitStarted();
    time.advance(LIMIT.minus(TICK));
    assertThat(second.cancelled()).isEmpty();
    time.advance(TICK);

    assertThat(first.cancelled()).isEmpty();
    assertTimedOut(second);
  }

  @Test
  void aTaskThatEndedInTimeIsLeftAloneAndTheNextHasItsFullTime() throws InterruptedException {
    Dispatcher dispatcher = dispatcher(1, 0);
    TestTask inTime = TestTask.quick();
    TestTask next = TestTask.blocking();
    dispatcher.submit(inTime);
    assertThat(dispatcher.awaitIdle(Duration.ofSeconds(10))).isTrue();

    time.advance(Duration.ofSeconds(9));
    dispatcher.submit(next);
    next.awaitStarted();
    time.advance(LIMIT.minus(TICK));
    assertThat(next.cancelled()).isEmpty();
    time.advance(TICK);

    assertThat(inTime.cancelled()).isEmpty();
    assertTimedOut(next);
  }

  @Test
  void aTaskCancelledBeforeDoesNotHoldUpTheLimitOfOthers() {
    Dispatcher dispatcher = dispatcher(2, 0);
    TestTask cancelled = TestTask.deaf();
    TestTask late = TestTask.blocking();
    Ticket ticket = dispatcher.submit(cancelled);
    cancelled.awaitStarted();
    ticket.cancel(Reason.CANCELLED, "gone");
    time.advance(Duration.ofSeconds(1));
    dispatcher.submit(late);
    late.awaitStarted();

    time.advance(LIMIT);

    assertTimedOut(late);
    assertThat(cancelled.cancelled()).hasSize(1);
    cancelled.release();
  }

  @Test
  void aDeafTaskKeepsItsPlaceAfterItsTime() {
    Dispatcher dispatcher = dispatcher(1, 1);
    TestTask deaf = TestTask.deaf();
    TestTask next = TestTask.blocking();
    dispatcher.submit(deaf);
    deaf.awaitStarted();
    dispatcher.submit(next);

    time.advance(LIMIT.multipliedBy(3));
    assertTimedOut(deaf);
    assertThat(next.runs()).isZero();
    deaf.release();

    next.awaitStarted();
    time.advance(LIMIT);
    assertTimedOut(next);
  }

  @Test
  void aTimerThatThrowsLosesNoPlaceAndTheTaskIsDropped() {
    StepExecutor steps = new StepExecutor();
    Dispatcher dispatcher =
        new Dispatcher(new Dispatcher.Limits(1, 1, LIMIT), steps, time, time.ticker());
    TestTask task = TestTask.quick();
    dispatcher.submit(task);
    time.shutdown();

    steps.step();

    assertThat(dispatcher.load()).isZero();
    assertThat(task.runs()).isZero();
    assertThat(task.dropped()).hasSize(1);
  }

  private static void assertTimedOut(TestTask task) {
    assertThat(task.cancelled())
        .singleElement()
        .satisfies(
            why -> {
              assertThat(why.reason()).isEqualTo(Reason.FUNCTION_TIMEOUT);
              assertThat(why.started()).isEqualTo(Started.YES);
              assertThat(why).hasMessageContaining("PT10S");
            });
  }

  private Dispatcher dispatcher(int concurrency, int queueCapacity) {
    return new Dispatcher(
        new Dispatcher.Limits(concurrency, queueCapacity, LIMIT), threads, time, time.ticker());
  }
}
