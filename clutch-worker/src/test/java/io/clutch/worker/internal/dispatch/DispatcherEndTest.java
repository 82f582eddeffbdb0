package io.clutch.worker.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What is between two places when the dispatcher ends: taken from the queue, not yet running. */
class DispatcherEndTest {

  private final StepExecutor threads = new StepExecutor();
  private final ManualTime time = new ManualTime();
  private final Dispatcher dispatcher =
      new Dispatcher(new Dispatcher.Limits(1, 1, null), threads, time, time.ticker());

  @Test
  void closeDropsATaskWhoseThreadHasNotBegunYet() {
    TestTask task = TestTask.quick();
    dispatcher.submit(task);

    dispatcher.close();
    threads.step();

    assertDroppedAsDraining(task);
  }

  @Test
  void closeDropsATaskWhoseTurnComesWhileAnotherIsTold() {
    TestTask next = TestTask.quick();
    dispatcher.submit(new Told(dispatcher::close));
    dispatcher.submit(next);

    threads.step();

    assertDroppedAsDraining(next);
  }

  @Test
  void isIdleOnlyWhenEveryOutcomeIsTold() throws InterruptedException {
    boolean[] idleWhileTelling = {true};
    dispatcher.submit(new Told(() -> idleWhileTelling[0] = isIdle()));

    threads.step();

    assertThat(idleWhileTelling).containsExactly(false);
    assertThat(dispatcher.awaitIdle(Duration.ZERO)).isTrue();
  }

  private boolean isIdle() {
    try {
      return dispatcher.awaitIdle(Duration.ZERO);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void assertDroppedAsDraining(TestTask task) {
    assertThat(task.runs()).isZero();
    assertThat(task.dropped())
        .singleElement()
        .satisfies(
            why -> {
              assertThat(why.reason()).isEqualTo(Reason.DRAINING);
              assertThat(why.started()).isEqualTo(Started.NO);
            });
    assertThat(dispatcher.load()).isZero();
  }

  /** Ends at once; {@code outcome} is what tells so. */
  private record Told(Runnable outcome) implements Task {
    @Override
    public Runnable run() {
      return outcome;
    }

    @Override
    public void dropped(ClutchException why) {}

    @Override
    public void cancelled(ClutchException why) {}
  }
}
