package io.clutch.worker.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** A dispatcher that takes so many tasks in all and no more. */
class DispatcherTaskLimitTest {

  private final StepExecutor threads = new StepExecutor();
  private final ManualTime time = new ManualTime();
  private final List<Thread> toldLast = new CopyOnWriteArrayList<>();

  @Test
  void theLastTaskIsTakenAndTheNextOneRefused() {
    Dispatcher dispatcher = dispatcher(2, 3, threads);
    TestTask last = TestTask.quick();
    dispatcher.submit(TestTask.quick());
    dispatcher.submit(TestTask.quick());
    assertThat(toldLast).isEmpty();

    dispatcher.submit(last);

    assertThat(toldLast).containsExactly(Thread.currentThread());
    assertRefused(dispatcher);
    assertThat(dispatcher.taken()).isEqualTo(3);
    threads.step();
    threads.step();
    assertThat(last.runs()).isEqualTo(1);
    assertThat(dispatcher.load()).isZero();
  }

  @Test
  void whatItsCallerRunsCountsToo() {
    Dispatcher dispatcher = dispatcher(1, 2, threads);
    dispatcher.enter();
    assertThat(dispatcher.taken()).isEqualTo(1);
    assertThat(toldLast).isEmpty();

    dispatcher.enter();

    assertThat(toldLast).hasSize(1);
    ClutchException failure = catchThrowableOfType(ClutchException.class, dispatcher::enter);
    assertThat(failure.reason()).isEqualTo(Reason.DRAINING);
    assertThat(failure.started()).isEqualTo(Started.NO);
    assertRefused(dispatcher);
    assertThat(dispatcher.taken()).isEqualTo(2);
  }

  @Test
  void whatIsRefusedForWantOfRoomDoesNotCount() {
    Dispatcher dispatcher =
        new Dispatcher(
            new Dispatcher.Limits(1, 0, null, 2), threads, time, time.ticker(), this::told);
    dispatcher.submit(TestTask.quick());

    ClutchException failure =
        catchThrowableOfType(ClutchException.class, () -> dispatcher.submit(TestTask.quick()));

    assertThat(failure.reason()).isEqualTo(Reason.QUEUE_FULL);
    assertThat(dispatcher.taken()).isEqualTo(1);
    threads.step();
    dispatcher.submit(TestTask.quick());
    assertThat(toldLast).hasSize(1);
  }

  @Test
  void whatWasDroppedBeforeItsTurnGivesItsPlaceBack() {
    Dispatcher dispatcher = dispatcher(1, 3, threads);
    dispatcher.submit(TestTask.quick());
    Ticket waiting = dispatcher.submit(TestTask.quick());

    waiting.cancel(Reason.CANCELLED, "gone");

    assertThat(dispatcher.taken()).isEqualTo(1);
    dispatcher.submit(TestTask.quick());
    assertThat(toldLast).isEmpty();
    dispatcher.submit(TestTask.quick());
    assertThat(toldLast).hasSize(1);
    assertRefused(dispatcher);
  }

  @Test
  void onceTheLimitIsToldNoPlaceIsGivenBack() {
    Dispatcher dispatcher = dispatcher(1, 2, threads);
    dispatcher.submit(TestTask.quick());
    Ticket last = dispatcher.submit(TestTask.quick());

    last.cancel(Reason.CANCELLED, "gone");

    assertRefused(dispatcher);
    assertThat(dispatcher.taken()).isEqualTo(2);
    assertThat(toldLast).hasSize(1);
  }

  @Test
  void whatRunsAndIsCancelledCounts() {
    Dispatcher dispatcher = dispatcher(1, 1, threads);
    Ticket ticket = dispatcher.submit(TestTask.quick());
    threads.step();

    ticket.cancel(Reason.CANCELLED, "gone");

    assertThat(dispatcher.taken()).isEqualTo(1);
    assertRefused(dispatcher);
  }

  @Test
  void whatNoThreadCouldBeHadForDoesNotCount() {
    Executor none =
        command -> {
          throw new RejectedExecutionException("no thread");
        };
    Dispatcher dispatcher = dispatcher(1, 10, none);

    ClutchException failure =
        catchThrowableOfType(ClutchException.class, () -> dispatcher.submit(TestTask.quick()));

    assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
    assertThat(dispatcher.taken()).isZero();
  }

  @Test
  void withoutALimitTheLastTaskNeverComes() {
    Dispatcher dispatcher = dispatcher(1, 0, threads);

    for (int i = 0; i < 100; i++) {
      dispatcher.enter();
    }

    assertThat(dispatcher.taken()).isEqualTo(100);
    assertThat(toldLast).isEmpty();
  }

  @Test
  void aNegativeLimitIsNone() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Dispatcher.Limits(1, 0, null, -1))
        .withMessageContaining("-1");
  }

  @RepeatedTest(5)
  void manyThreadsTogetherNeverBringOneTooMany() throws InterruptedException {
    int limit = 700;
    AtomicInteger taken = new AtomicInteger();
    List<TestTask> tasks = new CopyOnWriteArrayList<>();
    List<ClutchException> refused = new CopyOnWriteArrayList<>();
    ExecutorService pool = Executors.newFixedThreadPool(3);
    Dispatcher dispatcher = dispatcher(3, limit, pool);
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      boolean entersOnly = i % 2 == 0;
      callers.add(
          new Thread(
              () -> {
                for (int j = 0; j < 200; j++) {
                  try {
                    if (entersOnly) {
                      dispatcher.enter();
                    } else {
                      TestTask task = TestTask.quick();
                      dispatcher.submit(task);
                      tasks.add(task);
                    }
                    taken.incrementAndGet();
                  } catch (ClutchException e) {
                    refused.add(e);
                  }
                }
              }));
    }

    callers.forEach(Thread::start);
    for (Thread caller : callers) {
      caller.join();
    }

    assertThat(dispatcher.awaitIdle(Duration.ofSeconds(10))).isTrue();
    pool.shutdownNow();
    assertThat(pool.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    assertThat(taken).hasValue(limit);
    assertThat(dispatcher.taken()).isEqualTo(limit);
    assertThat(toldLast).singleElement().matches(callers::contains, "a thread that brought one");
    assertThat(refused)
        .hasSize(8 * 200 - limit)
        .allMatch(failure -> failure.reason() == Reason.DRAINING);
    assertThat(tasks).allMatch(task -> task.runs() == 1);
  }

  private void told() {
    toldLast.add(Thread.currentThread());
  }

  private static void assertRefused(Dispatcher dispatcher) {
    ClutchException failure =
        catchThrowableOfType(ClutchException.class, () -> dispatcher.submit(TestTask.quick()));
    assertThat(failure.reason()).isEqualTo(Reason.DRAINING);
    assertThat(failure.started()).isEqualTo(Started.NO);
  }

  private Dispatcher dispatcher(int concurrency, long maxTasks, Executor executor) {
    return new Dispatcher(
        new Dispatcher.Limits(concurrency, 1_000, null, maxTasks),
        executor,
        time,
        time.ticker(),
        this::told);
  }
}
