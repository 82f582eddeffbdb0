package io.clutch.worker.internal.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Ticker;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tasks that wait and are run elsewhere. */
class DispatcherHandOverTest {

  private final StepExecutor threads = new StepExecutor();
  private final ManualTime time = new ManualTime();
  private final List<Integer> movable = new ArrayList<>();
  private Dispatcher dispatcher = dispatcher(0);

  private Dispatcher dispatcher(long maxTasks) {
    Dispatcher made =
        new Dispatcher(
            new Dispatcher.Limits(1, 10, null, maxTasks), threads, time, time.ticker(), () -> {});
    made.onMovable(movable::add);
    return made;
  }

  private TestTask waits() {
    TestTask task = TestTask.quick();
    Ticket unused = dispatcher.submitMovable(task);
    return task;
  }

  private Task handOver() {
    Ticket ticket = dispatcher.handOver();
    assertThat(ticket).isNotNull();
    return ticket.task();
  }

  @Test
  void whatNeedNotWaitIsNotHandedOver() {
    TestTask running = waits();

    assertThat(dispatcher.handOver()).isNull();
    threads.step();
    assertThat(running.runs()).isEqualTo(1);
    assertThat(movable).isEmpty();
  }

  @Test
  void theOneThatHasWaitedLongestGoesFirst() {
    waits();
    TestTask first = waits();
    TestTask second = waits();

    assertThat(dispatcher.movableWaiting()).isEqualTo(2);
    assertThat(handOver()).isSameAs(first);
    assertThat(handOver()).isSameAs(second);
    assertThat(dispatcher.handOver()).isNull();
    threads.step();
    assertThat(first.runs() + second.runs()).isZero();
  }

  @Test
  void othersStayWhereTheyAre() {
    waits();
    TestTask fixed = TestTask.quick();
    Ticket unused = dispatcher.submit(fixed);
    Ticket offered = dispatcher.offer(TestTask.quick(), 10);
    TestTask moves = waits();

    assertThat(dispatcher.movableWaiting()).isEqualTo(1);
    assertThat(handOver()).isSameAs(moves);
    assertThat(dispatcher.handOver()).isNull();
    assertThat(offered).isNotNull();
    assertThat(dispatcher.waiting()).isEqualTo(2);
    assertThat(dispatcher.backlog()).isEqualTo(1);
    threads.step();
    assertThat(fixed.runs()).isEqualTo(1);
  }

  @Test
  void itIsToldWhenOneMoreWaitsAndWhenNoneDoesAnyMore() {
    waits();
    waits();
    waits();
    assertThat(movable).containsExactly(1, 2);

    threads.step();

    assertThat(movable).containsExactly(1, 2, 0);
  }

  @Test
  void itIsToldWhenTheLastOneIsDropped() {
    waits();
    Ticket ticket = dispatcher.submitMovable(TestTask.quick());

    ticket.cancel(Reason.CANCELLED, "gone");

    assertThat(movable).containsExactly(1, 0);
  }

  @Test
  void whatComesBackIsTheNextOneToRun() {
    waits();
    TestTask first = waits();
    TestTask second = waits();
    Ticket away = dispatcher.handOver();

    dispatcher.takeBack(away, false);

    assertThat(first.toldToWait()).hasSize(2);
    assertThat(dispatcher.waiting()).isEqualTo(2);
    assertThat(handOver()).as("it may go again").isSameAs(first);
    threads.step();
    assertThat(second.runs()).isEqualTo(1);
  }

  @Test
  void whatIsToStayIsNotHandedOverAgain() {
    waits();
    TestTask first = waits();
    TestTask second = waits();
    Ticket away = dispatcher.handOver();

    dispatcher.takeBack(away, true);

    assertThat(handOver()).isSameAs(second);
    assertThat(dispatcher.handOver()).isNull();
    threads.step();
    assertThat(first.runs()).isEqualTo(1);
  }

  @Test
  void whatComesBackToAFreeThreadRunsAtOnce() {
    waits();
    TestTask task = waits();
    Ticket away = dispatcher.handOver();
    threads.step();

    dispatcher.takeBack(away, false);

    assertThat(dispatcher.running()).isEqualTo(1);
    threads.step();
    assertThat(task.runs()).isEqualTo(1);
  }

  @Test
  void cancelledWhileItIsAwayItIsInDoubtAndWhoeverHasItIsTold() {
    waits();
    TestTask task = TestTask.quick();
    Ticket ticket = dispatcher.submitMovable(task);
    Ticket away = dispatcher.handOver();
    List<String> told = new ArrayList<>();
    away.whenCancelled(() -> told.add("told"));

    ticket.cancel(Reason.CANCELLED, "gone");
    ticket.cancel(Reason.CANCELLED, "gone again");

    assertThat(told).hasSize(1);
    assertThat(task.dropped()).isEmpty();
    assertThat(task.cancelled())
        .singleElement()
        .extracting(ClutchException::started)
        .isEqualTo(Started.UNKNOWN);
    dispatcher.takeBack(away, false);
    assertThat(dispatcher.waiting()).as("nobody waits for it").isZero();
    threads.step();
    assertThat(task.runs()).isZero();
  }

  @Test
  void whoeverAsksLateIsToldAtOnce() {
    waits();
    Ticket ticket = dispatcher.submitMovable(TestTask.quick());
    Ticket away = dispatcher.handOver();
    ticket.cancel(Reason.CANCELLED, "gone");
    List<String> told = new ArrayList<>();

    away.whenCancelled(() -> told.add("told"));

    assertThat(told).hasSize(1);
  }

  @Test
  void cancelledAfterItHasComeBackItIsDropped() {
    waits();
    TestTask task = TestTask.quick();
    Ticket ticket = dispatcher.submitMovable(task);
    Ticket away = dispatcher.handOver();
    dispatcher.takeBack(away, false);

    ticket.cancel(Reason.CANCELLED, "gone");

    assertThat(task.dropped())
        .singleElement()
        .extracting(ClutchException::started)
        .isEqualTo(Started.NO);
    assertThat(dispatcher.waiting()).isZero();
  }

  @Test
  void itIsNotIdleWhileSomethingIsAway() throws InterruptedException {
    waits();
    waits();
    Ticket away = dispatcher.handOver();
    threads.step();
    assertThat(dispatcher.awaitIdle(Duration.ZERO)).isFalse();

    dispatcher.ranElsewhere(away);

    assertThat(dispatcher.awaitIdle(Duration.ZERO)).isTrue();
  }

  @Test
  void theEndReachesWhatIsAway() {
    waits();
    TestTask task = waits();
    Ticket away = dispatcher.handOver();

    dispatcher.close();

    assertThat(task.cancelled())
        .singleElement()
        .extracting(ClutchException::reason)
        .isEqualTo(Reason.UNAVAILABLE);
    dispatcher.takeBack(away, false);
    assertThat(task.dropped()).isEmpty();
  }

  @Test
  void whatHasRunElsewhereDoesNotCountHere() {
    waits();
    waits();
    Ticket away = dispatcher.handOver();
    assertThat(dispatcher.taken()).isEqualTo(2);

    dispatcher.ranElsewhere(away);

    assertThat(dispatcher.taken()).isEqualTo(1);
  }

  @Test
  void whatIsAwayKeepsItsShareOfALimitedNumber() {
    dispatcher = dispatcher(2);
    waits();
    TestTask task = waits();
    Ticket away = dispatcher.handOver();

    assertThat(refusal().reason()).isEqualTo(Reason.DRAINING);
    dispatcher.takeBack(away, false);
    threads.step();
    assertThat(task.runs()).isEqualTo(1);
    assertThat(refusal().reason()).isEqualTo(Reason.DRAINING);
  }

  private ClutchException refusal() {
    try {
      Ticket unused = dispatcher.submit(TestTask.quick());
      throw new AssertionError("it was taken");
    } catch (ClutchException e) {
      return e;
    }
  }

  /** The line beside a plain list that does the same. */
  @Test
  void theLineKeepsItsOrderWhateverHappens() {
    long seed = ThreadLocalRandom.current().nextLong();
    Random random = new Random(seed);
    WaitingLine line = new WaitingLine();
    Deque<Ticket> model = new ArrayDeque<>();
    for (int i = 0; i < 20_000; i++) {
      Ticket ticket =
          new Ticket(dispatcher, TestTask.quick(), random.nextBoolean(), random.nextInt(3) == 0);
      switch (random.nextInt(7)) {
        case 0, 1 -> {
          line.addLast(ticket);
          model.addLast(ticket);
        }
        case 2 -> {
          line.addFirst(ticket);
          model.addFirst(ticket);
        }
        case 3 -> assertThat(line.poll()).as("seed %s", seed).isSameAs(model.pollFirst());
        case 4 -> {
          Ticket expected = model.stream().filter(Ticket::isMovable).findFirst().orElse(null);
          model.remove(expected == null ? ticket : expected);
          assertThat(line.pollMovable()).as("seed %s", seed).isSameAs(expected);
        }
        case 5 -> {
          Ticket some =
              model.stream()
                  .skip(model.isEmpty() ? 0 : random.nextInt(model.size()))
                  .findFirst()
                  .orElse(ticket);
          assertThat(line.remove(some)).as("seed %s", seed).isEqualTo(model.remove(some));
        }
        default -> assertThat(line.remove(ticket)).as("seed %s", seed).isFalse();
      }
      assertThat(line.all()).as("seed %s", seed).containsExactlyElementsOf(model);
      assertThat(line.size()).isEqualTo(model.size());
      assertThat(line.movable()).isEqualTo(model.stream().filter(Ticket::isMovable).count());
      assertThat(line.offered()).isEqualTo(model.stream().filter(Ticket::isOffered).count());
    }
  }

  @Test
  @Timeout(120)
  void eachTaskEndsInOnePlaceOnce() throws InterruptedException {
    long seed = ThreadLocalRandom.current().nextLong();
    Random random = new Random(seed);
    ExecutorService real = Executors.newFixedThreadPool(2);
    ExecutorService others = Executors.newFixedThreadPool(3);
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    Dispatcher stressed =
        new Dispatcher(new Dispatcher.Limits(2, 10_000, null), real, timer, Ticker.systemTicker());
    Queue<Ticket> handed = new ConcurrentLinkedQueue<>();
    stressed.onMovable(
        waiting -> {
          Ticket ticket = waiting == 0 ? null : stressed.handOver();
          if (ticket != null) {
            handed.add(ticket);
          }
        });
    List<Counted> tasks = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      Counted task = new Counted(random.nextInt(300));
      tasks.add(task);
      Ticket ticket = stressed.submitMovable(task);
      if (random.nextInt(4) == 0) {
        others.execute(() -> ticket.cancel(Reason.CANCELLED, "gone"));
      }
      Ticket away = handed.poll();
      if (away != null && random.nextInt(3) > 0) {
        others.execute(() -> elsewhere(stressed, away));
      } else if (away != null) {
        others.execute(() -> stressed.takeBack(away, false));
      }
    }
    // The last ones that come back may be handed over once more.
    for (Ticket away = handed.poll();
        away != null || !others.isTerminated();
        away = handed.poll()) {
      if (away != null) {
        elsewhere(stressed, away);
      }
      others.shutdown();
      Thread.onSpinWait();
    }
    for (Ticket away = handed.poll(); away != null; away = handed.poll()) {
      elsewhere(stressed, away);
    }

    assertThat(stressed.awaitIdle(Duration.ofSeconds(20))).as("seed %s", seed).isTrue();
    assertThat(stressed.load()).as("seed %s", seed).isZero();
    assertThat(stressed.movableWaiting()).as("seed %s", seed).isZero();
    assertThat(tasks)
        .as("seed %s", seed)
        .allMatch(task -> task.runs.get() + task.drops.get() + task.elsewhere.get() <= 1)
        .allMatch(
            task ->
                task.runs.get() + task.drops.get() + task.elsewhere.get() + task.cancels.get()
                    >= 1);
    assertThat(tasks.stream().mapToInt(task -> task.elsewhere.get()).sum()).isPositive();
    real.shutdownNow();
    timer.shutdownNow();
    assertThat(real.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
  }

  private static void elsewhere(Dispatcher dispatcher, Ticket ticket) {
    ((Counted) ticket.task()).elsewhere.incrementAndGet();
    dispatcher.ranElsewhere(ticket);
  }

  private static final class Counted implements Task {
    final AtomicInteger runs = new AtomicInteger();
    final AtomicInteger drops = new AtomicInteger();
    final AtomicInteger cancels = new AtomicInteger();
    final AtomicInteger elsewhere = new AtomicInteger();
    private final int spins;

    Counted(int spins) {
      this.spins = spins;
    }

    @Override
    public Runnable run() {
      runs.incrementAndGet();
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
