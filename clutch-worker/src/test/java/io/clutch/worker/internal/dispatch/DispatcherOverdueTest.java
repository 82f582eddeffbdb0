package io.clutch.worker.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.worker.internal.dispatch.Dispatcher.Overdue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which tasks go on although their time is over. */
class DispatcherOverdueTest {

  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Duration GRACE = Duration.ofSeconds(5);
  private static final Duration TICK = Duration.ofNanos(1);

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final ManualTime time = new ManualTime();
  private final List<TestTask> tasks = new ArrayList<>();

  @AfterEach
  void stopThreads() throws InterruptedException {
    tasks.forEach(TestTask::release);
    threads.shutdownNow();
    assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aTaskIsOverdueAfterTheTimeLimitAndTheGraceOnce() {
    Dispatcher dispatcher = dispatcher(1, LIMIT);
    TestTask deaf = start(dispatcher, deaf());

    time.advance(LIMIT.plus(GRACE));
    assertThat(dispatcher.overdue(GRACE)).isEmpty();
    time.advance(TICK);

    Overdue overdue = onlyOne(dispatcher.overdue(GRACE));
    assertThat(overdue.task()).isSameAs(deaf);
    assertThat(overdue.thread().getStackTrace())
        .anyMatch(frame -> frame.getClassName().equals(TestTask.class.getName()));
    time.advance(LIMIT);
    assertThat(dispatcher.overdue(GRACE)).isEmpty();
  }

  @Test
  void eachTaskIsOverdueAtItsOwnTime() {
    Dispatcher dispatcher = dispatcher(2, LIMIT);
    TestTask first = start(dispatcher, deaf());
    time.advance(Duration.ofSeconds(1));
    TestTask second = start(dispatcher, deaf());

    time.advance(LIMIT.plus(GRACE).minusSeconds(1).plus(TICK));
    assertThat(onlyOne(dispatcher.overdue(GRACE)).task()).isSameAs(first);
    time.advance(Duration.ofSeconds(1));
    assertThat(onlyOne(dispatcher.overdue(GRACE)).task()).isSameAs(second);
  }

  @Test
  void aTaskThatObeyedIsNot() throws InterruptedException {
    Dispatcher dispatcher = dispatcher(1, LIMIT);
    TestTask obedient = TestTask.blocking();
    tasks.add(obedient);
    start(dispatcher, obedient);

    time.advance(LIMIT);
    assertThat(dispatcher.awaitIdle(Duration.ofSeconds(10))).isTrue();
    time.advance(GRACE.plus(TICK));

    assertThat(dispatcher.overdue(GRACE)).isEmpty();
  }

  @Test
  void aTaskThatHasEndedAfterAllIsNot() throws InterruptedException {
    Dispatcher dispatcher = dispatcher(1, LIMIT);
    TestTask deaf = start(dispatcher, deaf());
    time.advance(LIMIT.plus(GRACE).plus(TICK));

    deaf.release();
    assertThat(dispatcher.awaitIdle(Duration.ofSeconds(10))).isTrue();

    assertThat(dispatcher.overdue(GRACE)).isEmpty();
  }

  @Test
  void itsOwnDeadlineCountsWhereItIsTheEarlierOne() {
    Dispatcher dispatcher = dispatcher(1, LIMIT);
    WithDeadline task = new WithDeadline(deaf(), Duration.ofSeconds(2));
    dispatcher.submit(task);
    task.inner.awaitStarted();

    time.advance(Duration.ofSeconds(2).plus(GRACE));
    assertThat(dispatcher.overdue(GRACE)).isEmpty();
    time.advance(TICK);

    assertThat(onlyOne(dispatcher.overdue(GRACE)).task()).isSameAs(task);
    time.advance(LIMIT.plus(GRACE));
    assertThat(dispatcher.overdue(GRACE)).isEmpty();
  }

  @Test
  void withoutATimeLimitOnlyItsOwnDeadlineCounts() {
    Dispatcher dispatcher = dispatcher(2, null);
    start(dispatcher, deaf());
    WithDeadline task = new WithDeadline(deaf(), Duration.ofSeconds(2));
    dispatcher.submit(task);
    task.inner.awaitStarted();

    time.advance(Duration.ofDays(1));

    assertThat(onlyOne(dispatcher.overdue(GRACE)).task()).isSameAs(task);
  }

  @Test
  void aTaskThatWaitsIsNot() {
    Dispatcher dispatcher = dispatcher(1, null);
    start(dispatcher, deaf());
    dispatcher.submit(new WithDeadline(deaf(), Duration.ofSeconds(2)));

    time.advance(Duration.ofDays(1));

    assertThat(dispatcher.overdue(GRACE)).isEmpty();
  }

  @Test
  void whatWaitsIsDroppedAsNotStartedWhileWhatRunsGoesOn() {
    Dispatcher dispatcher = dispatcher(1, LIMIT);
    TestTask running = start(dispatcher, deaf());
    List<TestTask> waiting = List.of(deaf(), deaf());
    waiting.forEach(dispatcher::submit);

    dispatcher.dropWaiting("it hangs");

    assertThat(waiting)
        .allSatisfy(
            task ->
                assertThat(task.dropped())
                    .singleElement()
                    .satisfies(
                        why -> {
                          assertThat(why.reason()).isEqualTo(Reason.DRAINING);
                          assertThat(why.started()).isEqualTo(Started.NO);
                          assertThat(why).hasMessageContaining("it hangs");
                        }));
    assertThat(running.cancelled()).isEmpty();
    assertThat(dispatcher.load()).isEqualTo(1);
    assertThat(dispatcher.taken()).isEqualTo(1);
  }

  @Test
  void whoseTimeIsOverIsToldWhereItWas() {
    TestTask deaf = start(dispatcher(1, LIMIT), deaf());

    time.advance(LIMIT);

    assertThat(deaf.cancelled())
        .singleElement()
        .satisfies(
            why ->
                assertThat(why)
                    .hasMessageContaining("PT10S; it was at\n  at ")
                    .hasMessageContaining("TestTask.run(TestTask.java:"));
  }

  @Test
  void whereItWasIsCutWhereItIsDeep() {
    Dispatcher dispatcher = dispatcher(1, LIMIT);
    TestTask inner = deaf();
    List<ClutchException> cancelled = new ArrayList<>();
    dispatcher.submit(
        new Task() {
          @Override
          public Runnable run() {
            return deeper(50);
          }

          private Runnable deeper(int levels) {
            return levels == 0 ? inner.run() : deeper(levels - 1);
          }

          @Override
          public void dropped(ClutchException why) {}

          @Override
          public void cancelled(ClutchException why) {
            cancelled.add(why);
          }
        });
    inner.awaitStarted();

    time.advance(LIMIT);

    assertThat(cancelled)
        .singleElement()
        .satisfies(why -> assertThat(why.getMessage()).matches("(?s).*\n  and \\d+ more"));
    assertThat(cancelled.get(0).getMessage().lines().count()).isEqualTo(14);
  }

  private TestTask deaf() {
    TestTask task = TestTask.deaf();
    tasks.add(task);
    return task;
  }

  private static TestTask start(Dispatcher dispatcher, TestTask task) {
    dispatcher.submit(task);
    return task.awaitStarted();
  }

  private static Overdue onlyOne(List<Overdue> overdue) {
    assertThat(overdue).hasSize(1);
    return overdue.get(0);
  }

  private Dispatcher dispatcher(int concurrency, @Nullable Duration timeLimit) {
    return new Dispatcher(
        new Dispatcher.Limits(concurrency, 10, timeLimit), threads, time, time.ticker());
  }

  /** A task whose caller waits only for so long. */
  private final class WithDeadline implements Task {
    final TestTask inner;
    private final long deadlineNanos;

    WithDeadline(TestTask inner, Duration timeout) {
      this.inner = inner;
      this.deadlineNanos = time.ticker().read() + timeout.toNanos();
    }

    @Override
    public Runnable run() {
      return inner.run();
    }

    @Override
    public boolean isOverdue(Duration grace) {
      return time.ticker().read() - deadlineNanos > grace.toNanos();
    }

    @Override
    public void dropped(ClutchException why) {
      inner.dropped(why);
    }

    @Override
    public void cancelled(ClutchException why) {
      inner.cancelled(why);
    }
  }
}
