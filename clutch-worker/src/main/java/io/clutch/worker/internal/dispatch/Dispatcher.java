package io.clutch.worker.internal.dispatch;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Ticker;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.worker.internal.dispatch.Turns.Left;
import io.clutch.worker.internal.dispatch.Turns.Next;
import io.clutch.worker.internal.dispatch.Turns.Turn;
import io.clutch.worker.internal.permits.Places;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Decides which call runs when: at most so many at the same time, a bounded first-in-first-out
 * queue behind them, a time limit on each. What is so is kept by {@link Turns}; here it is done and
 * told, without a lock. Thread-safe.
 */
public final class Dispatcher implements Places {

  /**
   * How much is let in.
   *
   * @param concurrency how many tasks run at the same time; at least 1
   * @param queueCapacity how many may wait behind them; 0 or more
   * @param timeLimit how long a task may run before it is cancelled; null is without limit
   * @param maxTasks how many tasks are taken in all; 0 is without limit
   */
  public record Limits(
      int concurrency, int queueCapacity, @Nullable Duration timeLimit, long maxTasks) {
    /** Without a limit to the number of tasks in all. */
    public Limits(int concurrency, int queueCapacity, @Nullable Duration timeLimit) {
      this(concurrency, queueCapacity, timeLimit, 0);
    }

    /** Checks the numbers. */
    public Limits {
      checkArgument(concurrency >= 1, "concurrency is below 1: %s", concurrency);
      checkArgument(queueCapacity >= 0, "queueCapacity is negative: %s", queueCapacity);
      checkArgument(
          timeLimit == null || timeLimit.compareTo(Duration.ZERO) > 0,
          "timeLimit is not positive: %s",
          timeLimit);
      checkArgument(maxTasks >= 0, "maxTasks is negative: %s", maxTasks);
    }
  }

  /** A task that goes on after its time, and the thread that it runs on. */
  public record Overdue(Task task, Thread thread) {}

  private final Limits limits;
  private final Runnable onLastTask;
  private final RunningTasks running;
  private final Turns turns;
  private final FunctionThreads threads;

  private volatile Runnable onChange = () -> {};
  private volatile IntConsumer onMovable = waiting -> {};
  private volatile Runnable onFree = () -> {};

  /** One that takes any number of tasks, or stays silent when it has taken the last one. */
  public Dispatcher(
      Limits limits, Executor threads, ScheduledExecutorService timer, Ticker ticker) {
    this(limits, threads, timer, ticker, () -> {});
  }

  /**
   * @param threads has at least {@code limits.concurrency()} threads
   * @param timer runs short tasks on time
   * @param onLastTask is called once, when {@code limits.maxTasks()} are taken, on the thread that
   *     brought the last one
   */
  public Dispatcher(
      Limits limits,
      Executor threads,
      ScheduledExecutorService timer,
      Ticker ticker,
      Runnable onLastTask) {
    this.limits = limits;
    this.onLastTask = onLastTask;
    this.running = new RunningTasks(limits.timeLimit(), timer, ticker);
    this.turns = new Turns(limits, running);
    this.threads = new FunctionThreads(threads, turns, this::passed);
  }

  /**
   * Sets what is told when places were taken or became free, but for tasks that were {@link
   * #offer}ed, of which whoever offers them knows.
   */
  public void onChange(Runnable onChange) {
    this.onChange = onChange;
  }

  /**
   * Sets what is told how many {@linkplain #submitMovable movable} tasks wait, when one more does
   * and when none does any more. It may be told so in another order, on any thread; no lock is
   * held.
   */
  public void onMovable(IntConsumer onMovable) {
    this.onMovable = onMovable;
  }

  /** Sets what is told when a place has become free that no task waits for; no lock is held. */
  public void onFree(Runnable onFree) {
    this.onFree = onFree;
  }

  /**
   * Takes a task: to run at once where a thread is free, else to wait for its turn.
   *
   * @throws ClutchException QUEUE_FULL, DRAINING, or UNAVAILABLE where no thread can be had; the
   *     task is not taken, and none of its methods is called
   */
  public Ticket submit(Task task) {
    return submit(new Ticket(this, task, false, false));
  }

  /**
   * {@link #submit} for a task that may be run elsewhere while it waits, see {@link #handOver}.
   *
   * @throws ClutchException likewise
   */
  public Ticket submitMovable(Task task) {
    return submit(new Ticket(this, task, false, true));
  }

  private Ticket submit(Ticket ticket) {
    if (!take(ticket, limits.queueCapacity())) {
      throw Refusals.queueFull(limits);
    }
    onChange.run();
    return ticket;
  }

  /**
   * Takes a task where a thread is free, or where only so few wait that it may wait behind them.
   *
   * @param room how many may wait already
   * @return null where it is not taken: none of its methods is called
   * @throws ClutchException DRAINING, or UNAVAILABLE where no thread can be had; likewise
   */
  public @Nullable Ticket offer(Task task, int room) {
    Ticket ticket = new Ticket(this, task, true, false);
    return take(ticket, room) ? ticket : null;
  }

  /**
   * {@link #offer} for a task that may wait as others do, but can be {@linkplain #giveBack given
   * back}.
   *
   * @throws ClutchException QUEUE_FULL; and likewise
   */
  public Ticket offerToWait(Task task) {
    Ticket ticket = new Ticket(this, task, true, false);
    if (!take(ticket, limits.queueCapacity())) {
      throw Refusals.queueFull(limits);
    }
    return ticket;
  }

  /**
   * Takes a task where a place is free.
   *
   * @return null where none is: none of the task's methods is called
   * @throws ClutchException DRAINING, or UNAVAILABLE where no thread can be had; likewise
   */
  public @Nullable Ticket start(Task task) {
    Ticket ticket = new Ticket(this, task, false, false);
    if (!take(ticket, 0)) {
      return null;
    }
    onChange.run();
    return ticket;
  }

  /** False where there is no room. */
  private boolean take(Ticket ticket, int room) {
    Turn turn = turns.take(ticket, room);
    if (turn.next() == Next.NO_ROOM) {
      return false;
    }
    if (turn.isLast()) {
      onLastTask.run();
    }
    if (turn.next() == Next.START && !threads.start(ticket)) {
      turns.uncount();
      threads.passOn();
      throw Refusals.noThread();
    }
    tellMovable(turn);
    return true;
  }

  private void tellMovable(Turn turn) {
    if (turn.movable() > 0) {
      onMovable.accept(turn.movable());
    }
  }

  /**
   * Counts a task that its caller runs itself, at once.
   *
   * @throws ClutchException DRAINING; the task must not be run
   */
  public void enter() {
    if (turns.enter()) {
      onLastTask.run();
    }
  }

  /** A place has passed from a task that has run to the next one. */
  private void passed(Ticket ended, @Nullable Ticket next) {
    // Whoever offered one that was cancelled believes that it has ended.
    if (!ended.isOffered() || ended.isCancelled() || (next != null && !next.isOffered())) {
      onChange.run();
    }
    if (next != null && next.wasLastMovable) {
      onMovable.accept(0);
    }
    if (next == null) {
      onFree.run();
    }
  }

  void removeQueued(Ticket ticket) {
    boolean wasLastMovable = turns.drop(ticket);
    if (!ticket.isOffered()) {
      onChange.run();
    }
    if (wasLastMovable) {
      onMovable.accept(0);
    }
  }

  /**
   * Takes the movable task that has waited longest out of the queue, to be run elsewhere: then it
   * is cancelled by its ticket, as ever, and ends with {@link #ranElsewhere} or {@link #takeBack}.
   *
   * @return null where none waits
   */
  public @Nullable Ticket handOver() {
    return turns.handOver();
  }

  /** A task that was handed over has run, or may have. */
  public void ranElsewhere(Ticket ticket) {
    turns.ranElsewhere(ticket);
  }

  /**
   * A task that was handed over was not started: it is the next one to run here. One that was
   * cancelled meanwhile has ended.
   *
   * @param stays whether it is not to be handed over again
   */
  public void takeBack(Ticket ticket, boolean stays) {
    Turn turn = turns.takeBack(ticket, stays);
    if (turn.next() == Next.TOO_LATE) {
      ticket.cancel(Reason.DRAINING, Refusals.STOPPED_BEFORE_ITS_TURN);
    }
    if (turn.next() == Next.START && !threads.start(ticket)) {
      ticket.cancel(Reason.UNAVAILABLE, Refusals.NO_THREAD);
      turns.uncount();
      threads.passOn();
    }
    onChange.run();
    tellMovable(turn);
  }

  /**
   * Those that go on {@code grace} after their time, be it the time limit's or their own; each of
   * them once.
   */
  public List<Overdue> overdue(Duration grace) {
    return running.overdue(grace);
  }

  /** Drops what waits, as not started; what runs goes on. */
  public void dropWaiting(String message) {
    // One that has begun meanwhile goes on.
    turns.queued().forEach(ticket -> ticket.drop(Reason.DRAINING, message));
  }

  @Override
  public void giveBack() {
    for (Ticket ticket : turns.queued()) {
      if (ticket.isOffered()) {
        ticket.drop(Reason.QUEUE_FULL, "slow calls hold all places");
      }
    }
  }

  /** From now on takes nothing; what runs and waits goes on. */
  public void refuse() {
    turns.refuse();
  }

  /** From now on takes nothing, drops what waits, and asks what runs to stop. */
  public void close() {
    Left left = turns.stop();
    left.waiting()
        .forEach(ticket -> ticket.cancel(Reason.DRAINING, Refusals.STOPPED_BEFORE_ITS_TURN));
    left.started()
        .forEach(
            ticket ->
                ticket.cancel(Reason.UNAVAILABLE, "the worker stopped while the function ran"));
  }

  /**
   * Waits until nothing runs, nothing waits and every outcome is told; false where that takes
   * longer than {@code atMost}.
   */
  public boolean awaitIdle(Duration atMost) throws InterruptedException {
    return turns.awaitIdle(atMost);
  }

  /** How many tasks run or wait. */
  public int load() {
    return turns.load();
  }

  /** How many tasks run. */
  public int running() {
    return turns.busy();
  }

  /** How many tasks wait. */
  @Override
  public int waiting() {
    return turns.waiting();
  }

  /** How many tasks wait that may be run elsewhere. */
  public int movableWaiting() {
    return turns.movableWaiting();
  }

  @Override
  public int concurrency() {
    return limits.concurrency();
  }

  @Override
  public int free() {
    return turns.free();
  }

  @Override
  public int backlog() {
    return turns.backlog();
  }

  @Override
  public long ended() {
    return turns.ended();
  }

  /** How many tasks were taken so far, but for those that were dropped before their turn. */
  public long taken() {
    return turns.taken();
  }
}
