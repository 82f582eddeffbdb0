package io.clutch.worker.internal.dispatch;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What happens to tasks that are cancelled, waiting or running, and who waits for the rest. */
class DispatcherCancelTest {

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final ManualTime time = new ManualTime();

  @AfterEach
  void stopThreads() throws InterruptedException {
    threads.shutdownNow();
    assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aWaitingTaskIsDroppedAndNeverRuns() throws InterruptedException {
    Dispatcher dispatcher = dispatcher(1, 1);
    TestTask running = TestTask.blocking();
    TestTask waiting = TestTask.quick();
    dispatcher.submit(running);
    Ticket ticket = dispatcher.submit(waiting);

    ticket.cancel(Reason.CANCELLED, "gone");
    ticket.cancel(Reason.CANCELLED, "gone twice");
    running.release();

    assertThat(dispatcher.awaitIdle(Duration.ofSeconds(10))).isTrue();
    assertThat(waiting.runs()).isZero();
    assertThat(waiting.cancelled()).isEmpty();
    assertThat(waiting.dropped())
        .singleElement()
        .satisfies(
            why -> {
              assertThat(why).hasMessage("gone");
              assertThat(why.reason()).isEqualTo(Reason.CANCELLED);
              assertThat(why.started()).isEqualTo(Started.NO);
            });
    assertThat(ticket.isCancelled()).isTrue();
  }

  @Test
  void aDroppedTaskFreesItsPlaceInTheQueue() {
    Dispatcher dispatcher = dispatcher(1, 1);
    TestTask running = TestTask.blocking();
    TestTask other = TestTask.blocking();
    dispatcher.submit(running);
    Ticket ticket = dispatcher.submit(TestTask.quick());

    ticket.cancel(Reason.CANCELLED, "gone");
    dispatcher.submit(other);

    assertThat(dispatcher.load()).isEqualTo(2);
    running.release();
    other.awaitStarted().release();
  }

  @Test
  void aRunningTaskIsToldOnceAndInterrupted() throws InterruptedException {
    Dispatcher dispatcher = dispatcher(1, 0);
    TestTask task = TestTask.blocking();
    Ticket ticket = dispatcher.submit(task);
    task.awaitStarted();

    ticket.cancel(Reason.CANCELLED, "gone");
    ticket.cancel(Reason.DEADLINE_EXCEEDED, "too late");

    task.awaitInterrupted();
    assertThat(dispatcher.awaitIdle(Duration.ofSeconds(10))).isTrue();
    assertThat(task.dropped()).isEmpty();
    assertThat(task.cancelled())
        .singleElement()
        .satisfies(
            why -> {
              assertThat(why.reason()).isEqualTo(Reason.CANCELLED);
              assertThat(why.started()).isEqualTo(Started.YES);
            });
  }

  @Test
  void thatAnOfferedTaskHasLeftItsPlaceIsToldWhereItWasCancelledBefore() {
    Dispatcher dispatcher = dispatcher(1, 0);
    AtomicBoolean toldFree = new AtomicBoolean();
    dispatcher.onChange(() -> toldFree.set(dispatcher.free() == 1));
    TestTask task = TestTask.deaf();
    Ticket ticket = requireNonNull(dispatcher.offer(task, 0));
    task.awaitStarted();
    ticket.cancel(Reason.CANCELLED, "gone");

    task.release();

    await().atMost(Duration.ofSeconds(30)).untilTrue(toldFree);
  }

  @Test
  void whoeverIsToldOfPlacesAndThrowsTakesNoPlaceAway() throws InterruptedException {
    Dispatcher dispatcher = dispatcher(1, 1);
    TestTask first = TestTask.blocking();
    TestTask second = TestTask.quick();
    dispatcher.submit(first);
    dispatcher.submit(second);
    dispatcher.onChange(
        () -> {
          throw new IllegalStateException("a defect");
        });

    first.release();

    assertThat(dispatcher.awaitIdle(Duration.ofSeconds(30))).isTrue();
    assertThat(second.runs()).isEqualTo(1);
    assertThat(dispatcher.free()).isEqualTo(1);
  }

  @Test
  void cancellingAnEndedTaskDoesNothing() throws InterruptedException {
    Dispatcher dispatcher = dispatcher(1, 0);
    TestTask task = TestTask.quick();
    Ticket ticket = dispatcher.submit(task);
    assertThat(dispatcher.awaitIdle(Duration.ofSeconds(10))).isTrue();

    ticket.cancel(Reason.CANCELLED, "gone");

    assertThat(ticket.isCancelled()).isFalse();
    assertThat(task.cancelled()).isEmpty();
    assertThat(task.dropped()).isEmpty();
  }

  @Test
  void aTaskThatIgnoresTheInterruptKeepsItsPlaceUntilItEnds() throws InterruptedException {
    Dispatcher dispatcher = dispatcher(1, 1);
    TestTask deaf = TestTask.deaf();
    TestTask next = TestTask.quick();
    Ticket ticket = dispatcher.submit(deaf);
    deaf.awaitStarted();
    ticket.cancel(Reason.CANCELLED, "gone");
    dispatcher.submit(next);

    assertThat(dispatcher.awaitIdle(Duration.ofMillis(20))).isFalse();
    assertThat(dispatcher.load()).isEqualTo(2);
    assertThat(next.runs()).isZero();

    deaf.release();
    assertThat(dispatcher.awaitIdle(Duration.ofSeconds(10))).isTrue();
    assertThat(next.runs()).isEqualTo(1);
  }

  @Test
  void theInterruptOfADeafTaskIsNotThereForTheNext() {
    Dispatcher dispatcher = dispatcher(1, 1);
    TestTask deaf = TestTask.deaf();
    TestTask next = TestTask.blocking();
    Ticket ticket = dispatcher.submit(deaf);
    deaf.awaitStarted();
    dispatcher.submit(next);

    ticket.cancel(Reason.CANCELLED, "gone");
    deaf.release();
    next.awaitStarted().release();

    await().until(() -> dispatcher.load() == 0);
    assertThat(next.wasInterrupted()).isFalse();
  }

  @Test
  void awaitIdleWaitsForRunningAndWaitingTasks() throws Exception {
    Dispatcher dispatcher = dispatcher(1, 1);
    TestTask running = TestTask.blocking();
    TestTask waiting = TestTask.blocking();
    dispatcher.submit(running);
    dispatcher.submit(waiting);
    AtomicBoolean idle = new AtomicBoolean();
    CountDownLatch returned = new CountDownLatch(1);
    threads.execute(
        () -> {
          try {
            idle.set(dispatcher.awaitIdle(Duration.ofSeconds(10)));
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          returned.countDown();
        });

    running.release();
    waiting.awaitStarted();
    assertThat(returned.getCount()).isEqualTo(1);
    waiting.release();

    assertThat(returned.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(idle).isTrue();
  }

  @Test
  void awaitIdleReturnsAtOnceWhereNothingRuns() throws InterruptedException {
    assertThat(dispatcher(1, 1).awaitIdle(Duration.ZERO)).isTrue();
  }

  @Test
  void closeDropsWhatWaitsAndCancelsWhatRuns() throws InterruptedException {
    Dispatcher dispatcher = dispatcher(1, 2);
    TestTask running = TestTask.blocking();
    TestTask waiting = TestTask.quick();
    dispatcher.submit(running);
    running.awaitStarted();
    dispatcher.submit(waiting);

    dispatcher.close();

    assertThat(dispatcher.awaitIdle(Duration.ofSeconds(10))).isTrue();
    assertThat(dispatcher.load()).isZero();
    assertThat(waiting.runs()).isZero();
    assertThat(waiting.dropped())
        .singleElement()
        .satisfies(
            why -> {
              assertThat(why.reason()).isEqualTo(Reason.DRAINING);
              assertThat(why.started()).isEqualTo(Started.NO);
            });
    assertThat(running.cancelled())
        .singleElement()
        .satisfies(
            why -> {
              assertThat(why.reason()).isEqualTo(Reason.UNAVAILABLE);
              assertThat(why.started()).isEqualTo(Started.YES);
            });
    assertThat(running.wasInterrupted()).isTrue();
  }

  private Dispatcher dispatcher(int concurrency, int queueCapacity) {
    return new Dispatcher(
        new Dispatcher.Limits(concurrency, queueCapacity, null), threads, time, time.ticker());
  }
}
