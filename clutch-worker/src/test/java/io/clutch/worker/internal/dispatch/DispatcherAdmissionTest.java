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
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Who is let in, who waits, who is refused. */
class DispatcherAdmissionTest {

  private final StepExecutor threads = new StepExecutor();
  private final ManualTime time = new ManualTime();

  @Test
  void runsAtMostConcurrencyTasksAtOnce() {
    Dispatcher dispatcher = dispatcher(2, 10);

    for (int i = 0; i < 5; i++) {
      dispatcher.submit(TestTask.quick());
    }

    assertThat(threads.size()).isEqualTo(2);
    assertThat(dispatcher.load()).isEqualTo(5);
  }

  @Test
  void runsTasksInTheOrderOfTheirArrival() {
    Dispatcher dispatcher = dispatcher(1, 10);
    List<Integer> order = new ArrayList<>();

    for (int i = 0; i < 5; i++) {
      int number = i;
      dispatcher.submit(new Simple(() -> order.add(number)));
    }
    threads.step();

    assertThat(order).containsExactly(0, 1, 2, 3, 4);
    assertThat(dispatcher.load()).isZero();
  }

  @Test
  void tellsTasksThatTheyHaveToWait() {
    Dispatcher dispatcher = dispatcher(1, 1);
    TestTask first = TestTask.quick();
    TestTask second = TestTask.quick();
    TestTask refused = TestTask.quick();
    dispatcher.submit(first);
    dispatcher.submit(second);
    ClutchException unused =
        catchThrowableOfType(ClutchException.class, () -> dispatcher.submit(refused));

    assertThat(dispatcher.running()).isEqualTo(1);
    assertThat(dispatcher.waiting()).isEqualTo(1);
    threads.step();

    assertThat(first.toldToWait()).isEmpty();
    assertThat(second.toldToWait()).containsExactly(0);
    assertThat(refused.toldToWait()).isEmpty();
    assertThat(dispatcher.running()).isZero();
    assertThat(dispatcher.waiting()).isZero();
  }

  @Test
  void refusesWhatDoesNotFitTheQueue() {
    Dispatcher dispatcher = dispatcher(1, 1);
    TestTask refused = TestTask.quick();
    dispatcher.submit(TestTask.quick());
    dispatcher.submit(TestTask.quick());

    ClutchException failure =
        catchThrowableOfType(ClutchException.class, () -> dispatcher.submit(refused));

    assertThat(failure.reason()).isEqualTo(Reason.QUEUE_FULL);
    assertThat(failure.started()).isEqualTo(Started.NO);
    assertThat(failure.retryDelay())
        .hasValueSatisfying(delay -> assertThat(delay).isBetween(ms(1), ms(1_000)));
    assertThat(failure).hasMessageContaining("1 calls run").hasMessageContaining("1 wait");
    threads.step();
    assertThat(refused.runs()).isZero();
    assertThat(refused.dropped()).isEmpty();
  }

  @Test
  void withoutQueueTakesOnlyWhatCanRunAtOnce() {
    Dispatcher dispatcher = dispatcher(1, 0);
    TestTask first = TestTask.quick();
    TestTask afterwards = TestTask.quick();
    dispatcher.submit(first);

    assertRefused(dispatcher, Reason.QUEUE_FULL);
    threads.step();
    dispatcher.submit(afterwards);
    threads.step();

    assertThat(first.runs()).isEqualTo(1);
    assertThat(afterwards.runs()).isEqualTo(1);
  }

  @Test
  void refuseTakesNothingMoreButFinishesWhatItTook() {
    Dispatcher dispatcher = dispatcher(1, 10);
    TestTask running = TestTask.quick();
    TestTask waiting = TestTask.quick();
    dispatcher.submit(running);
    dispatcher.submit(waiting);

    dispatcher.refuse();

    ClutchException failure = assertRefused(dispatcher, Reason.DRAINING);
    assertThat(failure.retryDelay()).isPresent();
    threads.step();
    assertThat(running.runs()).isEqualTo(1);
    assertThat(waiting.runs()).isEqualTo(1);
    assertThat(dispatcher.load()).isZero();
  }

  @Test
  void anExecutorThatHasNoThreadLosesNoPlace() {
    AtomicBoolean broken = new AtomicBoolean(true);
    Executor moody =
        command -> {
          if (broken.get()) {
            throw new OutOfMemoryError("unable to create native thread");
          }
          threads.execute(command);
        };
    Dispatcher dispatcher = dispatcher(1, 0, moody);
    TestTask lucky = TestTask.quick();

    assertRefused(dispatcher, Reason.UNAVAILABLE);
    assertThat(dispatcher.load()).isZero();
    broken.set(false);
    dispatcher.submit(lucky);
    threads.step();

    assertThat(lucky.runs()).isEqualTo(1);
  }

  @Test
  void whatQueuedBehindAFailedStartIsStartedInItsPlace() {
    TestTask second = TestTask.quick();
    List<Dispatcher> self = new ArrayList<>();
    AtomicBoolean first = new AtomicBoolean(true);
    Executor failsOnceWhileAnotherQueues =
        command -> {
          if (first.getAndSet(false)) {
            self.get(0).submit(second);
            throw new RejectedExecutionException("not this one");
          }
          threads.execute(command);
        };
    Dispatcher dispatcher = dispatcher(1, 1, failsOnceWhileAnotherQueues);
    self.add(dispatcher);

    assertRefused(dispatcher, Reason.UNAVAILABLE);
    threads.step();

    assertThat(second.runs()).isEqualTo(1);
    assertThat(dispatcher.load()).isZero();
  }

  @Test
  void whatQueuedBehindFailedStartsIsDroppedWhereItCannotBeStartedEither() {
    TestTask second = TestTask.quick();
    List<Dispatcher> self = new ArrayList<>();
    AtomicBoolean first = new AtomicBoolean(true);
    Executor fails =
        command -> {
          if (first.getAndSet(false)) {
            self.get(0).submit(second);
          }
          throw new OutOfMemoryError("unable to create native thread");
        };
    Dispatcher dispatcher = dispatcher(1, 1, fails);
    self.add(dispatcher);

    assertRefused(dispatcher, Reason.UNAVAILABLE);

    assertThat(second.runs()).isZero();
    assertThat(second.dropped())
        .singleElement()
        .satisfies(why -> assertThat(why.started()).isEqualTo(Started.NO));
    assertThat(dispatcher.load()).isZero();
    assertThat(dispatcher.taken()).isZero();
  }

  @Test
  void aTaskThatThrowsLosesNeitherItsPlaceNorTheNextTask() {
    Dispatcher dispatcher = dispatcher(1, 1);
    TestTask next = TestTask.quick();
    dispatcher.submit(
        new Simple(
            () -> {
              throw new AssertionError("a defect");
            }));
    dispatcher.submit(next);

    threads.step();

    assertThat(next.runs()).isEqualTo(1);
    assertThat(dispatcher.load()).isZero();
  }

  @Test
  void whoIsToldTheOutcomeFindsThePlaceFree() {
    Dispatcher dispatcher = dispatcher(1, 0);
    TestTask next = TestTask.quick();
    dispatcher.submit(
        new Task() {
          @Override
          public Runnable run() {
            return () -> dispatcher.submit(next);
          }

          @Override
          public void dropped(ClutchException why) {}

          @Override
          public void cancelled(ClutchException why) {}
        });

    threads.step();
    threads.step();

    assertThat(next.runs()).isEqualTo(1);
  }

  @Test
  void limitsNameWhatIsWrong() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Dispatcher.Limits(0, 0, null))
        .withMessageContaining("concurrency");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Dispatcher.Limits(1, -1, null))
        .withMessageContaining("queueCapacity");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Dispatcher.Limits(1, 0, Duration.ZERO))
        .withMessageContaining("timeLimit");
  }

  private static ClutchException assertRefused(Dispatcher dispatcher, Reason reason) {
    TestTask task = TestTask.quick();
    ClutchException failure =
        catchThrowableOfType(ClutchException.class, () -> dispatcher.submit(task));
    assertThat(failure).isNotNull();
    assertThat(failure.reason()).isEqualTo(reason);
    assertThat(failure.started()).isEqualTo(Started.NO);
    assertThat(task.runs()).isZero();
    assertThat(task.dropped()).isEmpty();
    return failure;
  }

  private Dispatcher dispatcher(int concurrency, int queueCapacity) {
    return dispatcher(concurrency, queueCapacity, threads);
  }

  private Dispatcher dispatcher(int concurrency, int queueCapacity, Executor executor) {
    return new Dispatcher(
        new Dispatcher.Limits(concurrency, queueCapacity, null), executor, time, time.ticker());
  }

  private static Duration ms(int millis) {
    return Duration.ofMillis(millis);
  }

  private record Simple(Runnable code) implements Task {
    @Override
    public Runnable run() {
      code.run();
      return () -> {};
    }

    @Override
    public void dropped(ClutchException why) {}

    @Override
    public void cancelled(ClutchException why) {}
  }
}
