package io.clutch.worker.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Ticker;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Many tasks, cancelled at random moments from other threads. */
class DispatcherStressTest {

  private static final int TASKS = 10_000;

  private final long seed = ThreadLocalRandom.current().nextLong();
  private final ExecutorService threads = Executors.newFixedThreadPool(4);
  private final ExecutorService cancellers = Executors.newFixedThreadPool(2);
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

  @AfterEach
  void stopThreads() throws InterruptedException {
    for (ExecutorService executor : List.of(threads, cancellers, timer)) {
      executor.shutdownNow();
      assertThat(executor.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void eachTaskIsEitherRunOrDroppedOnceAndNothingIsLeft() throws InterruptedException {
    Random random = new Random(seed);
    Dispatcher dispatcher = dispatcher(100, Duration.ofSeconds(10));
    List<Counted> taken = new ArrayList<>();
    List<Counted> refused = new ArrayList<>();

    for (int i = 0; i < TASKS; i++) {
      Counted task = new Counted(random.nextInt(200));
      try {
        Ticket ticket = dispatcher.submit(task);
        taken.add(task);
        if (random.nextInt(3) == 0) {
          cancellers.execute(() -> ticket.cancel(Reason.CANCELLED, "gone"));
        }
      } catch (ClutchException e) {
        assertThat(e.reason()).isEqualTo(Reason.QUEUE_FULL);
        refused.add(task);
        Thread.onSpinWait();
      }
    }
    awaitCancellers();

    assertThat(dispatcher.awaitIdle(Duration.ofSeconds(20))).as("seed %s", seed).isTrue();
    assertThat(dispatcher.load()).as("seed %s", seed).isZero();
    assertThat(taken)
        .as("taken, seed %s", seed)
        .isNotEmpty()
        .allMatch(task -> task.runs.get() + task.drops.get() == 1)
        .allMatch(task -> task.cancels.get() <= task.runs.get());
    assertThat(refused)
        .as("refused, seed %s", seed)
        .allMatch(task -> task.runs.get() + task.drops.get() + task.cancels.get() == 0);
  }

  @Test
  void anInterruptNeverReachesTheNextTaskOnTheThread() throws InterruptedException {
    Random random = new Random(seed);
    Dispatcher dispatcher = dispatcher(TASKS, null);
    List<Counted> tasks = new ArrayList<>();

    for (int i = 0; i < TASKS; i++) {
      Counted task = new Counted(random.nextInt(300));
      tasks.add(task);
      Ticket ticket = dispatcher.submit(task);
      // Cancelled from within, about when it ends: the tightest race with the next one's start.
      boolean waitsForIt = i % 100 == 99;
      task.whenRunning =
          () -> {
            cancellers.execute(() -> ticket.cancel(Reason.CANCELLED, "gone"));
            // Some, for on a busy machine no other one may be in time.
            while (waitsForIt && !ticket.isCancelled()) {
              Thread.onSpinWait();
            }
          };
    }

    assertThat(dispatcher.awaitIdle(Duration.ofSeconds(20))).as("seed %s", seed).isTrue();
    awaitCancellers();
    assertThat(tasks).as("seed %s", seed).noneMatch(task -> task.startedInterrupted);
    assertThat(tasks.stream().filter(task -> task.cancels.get() > 0).count())
        .as("cancelled while running, seed %s", seed)
        .isPositive();
  }

  @Test
  void whatHasBegunIsNeitherGivenBackNorDropped() throws InterruptedException {
    Random random = new Random(seed);
    Dispatcher dispatcher = dispatcher(TASKS, null);
    List<Counted> tasks = new ArrayList<>();

    for (int i = 0; i < TASKS; i++) {
      Counted task = new Counted(random.nextInt(300));
      tasks.add(task);
      assertThat(dispatcher.offer(task, TASKS)).isNotNull();
      // About when the first ones that wait begin.
      task.whenRunning =
          random.nextBoolean()
              ? () -> cancellers.execute(dispatcher::giveBack)
              : () -> cancellers.execute(() -> dispatcher.dropWaiting("the worker hangs"));
    }

    assertThat(dispatcher.awaitIdle(Duration.ofSeconds(20))).as("seed %s", seed).isTrue();
    awaitCancellers();
    assertThat(tasks)
        .as("seed %s", seed)
        .allMatch(task -> task.runs.get() + task.drops.get() == 1)
        .noneMatch(task -> task.cancels.get() > 0)
        .anyMatch(task -> task.drops.get() > 0);
  }

  private void awaitCancellers() throws InterruptedException {
    cancellers.shutdown();
    assertThat(cancellers.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
  }

  private Dispatcher dispatcher(int queueCapacity, @Nullable Duration timeLimit) {
    return new Dispatcher(
        new Dispatcher.Limits(4, queueCapacity, timeLimit), threads, timer, Ticker.systemTicker());
  }

  private static final class Counted implements Task {
    final AtomicInteger runs = new AtomicInteger();
    final AtomicInteger drops = new AtomicInteger();
    final AtomicInteger cancels = new AtomicInteger();
    volatile boolean startedInterrupted;
    volatile Runnable whenRunning = () -> {};
    private final int spins;

    Counted(int spins) {
      this.spins = spins;
    }

    @Override
    public Runnable run() {
      startedInterrupted = Thread.interrupted();
      runs.incrementAndGet();
      whenRunning.run();
      for (int i = 0; i < spins; i++) {
        Thread.onSpinWait();
      }
      return () -> {};
    }

    @Override
    public void dropped(ClutchException why) {
      drops.incrementAndGet();
    }

    @Override
    public void cancelled(ClutchException why) {
      cancels.incrementAndGet();
    }
  }
}
