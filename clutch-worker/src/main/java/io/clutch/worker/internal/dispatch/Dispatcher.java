package io.clutch.worker.internal.dispatch;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.Ticker;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.worker.internal.permits.Places;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which call runs when: at most so many at the same time, a bounded first-in-first-out
 * queue behind them, a time limit on each. Thread-safe.
 */
public final class Dispatcher implements Places {

  private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);

  /** What a caller is asked to wait before it tries again, when it is not taken. */
  private static final Duration RETRY_DELAY = Duration.ofMillis(50);

  private static final String NO_THREAD = "the worker has no thread to run the function on";

  private static final String STOPPED_BEFORE_ITS_TURN =
      "the worker stopped before the function's turn came";

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
  private final Executor threads;
  private final RunningTasks running;
  private final Runnable onLastTask;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition idle = lock.newCondition();

  @GuardedBy("lock")
  private final WaitingLine queue = new WaitingLine();

  /** Those that run elsewhere. */
  @GuardedBy("lock")
  private final Set<Ticket> away = new LinkedHashSet<>();

  /** Function threads that run a task or are about to. */
  @GuardedBy("lock")
  private int busy;

  /** Those, and the threads that have still to tell the outcome of their last task. */
  @GuardedBy("lock")
  private int atWork;

  /** Tasks taken so far, but for those that were dropped before their turn. */
  @GuardedBy("lock")
  private long taken;

  /** Tasks whose run is over. */
  @GuardedBy("lock")
  private long ended;

  /** Whether nothing is taken any more. */
  @GuardedBy("lock")
  private boolean closed;

  /** Whether nothing is begun any more either. */
  @GuardedBy("lock")
  private boolean stopped;

  private volatile Runnable onChange = () -> {};
  private volatile IntConsumer onMovable = waiting -> {};

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
    this.threads = threads;
    this.running = new RunningTasks(limits.timeLimit(), timer, ticker);
    this.onLastTask = onLastTask;
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
      throw queueFull();
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

  /** False where there is no room. */
  private boolean take(Ticket ticket, int room) {
    boolean mustWait;
    boolean isLast;
    int movable = 0;
    lock.lock();
    try {
      if (closed) {
        throw draining();
      }
      mustWait = busy == limits.concurrency();
      if (!mustWait) {
        busy++;
        atWork++;
      } else if (queue.size() < room) {
        ticket.task().waits();
        queue.addLast(ticket);
        movable = ticket.isMovable() ? queue.movable() : 0;
      } else {
        return false;
      }
      isLast = countTaken();
    } finally {
      lock.unlock();
    }
    if (isLast) {
      onLastTask.run();
    }
    if (!mustWait && !start(ticket)) {
      uncount();
      passOn();
      throw noThread();
    }
    if (movable > 0) {
      onMovable.accept(movable);
    }
    return true;
  }

  /**
   * Counts a task that its caller runs itself, at once.
   *
   * @throws ClutchException DRAINING; the task must not be run
   */
  public void enter() {
    boolean isLast;
    lock.lock();
    try {
      if (closed) {
        throw draining();
      }
      isLast = countTaken();
    } finally {
      lock.unlock();
    }
    if (isLast) {
      onLastTask.run();
    }
  }

  /** Whether that was the last one. */
  @GuardedBy("lock")
  private boolean countTaken() {
    taken++;
    if (taken == limits.maxTasks()) {
      closed = true;
      return true;
    }
    return false;
  }

  /** Gives a ticket that has a place to a function thread; false where there is none to be had. */
  private boolean start(Ticket ticket) {
    try {
      threads.execute(() -> work(ticket));
      return true;
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      // Shut down, or the system gives no further thread.
      log.warn("no function thread for a call: {}", e.toString());
      return false;
    }
  }

  /** The place of a ticket that was not started goes to what came to wait meanwhile. */
  private void passOn() {
    Ticket next = finish(null);
    while (next != null && !start(next)) {
      next.cancel(Reason.UNAVAILABLE, NO_THREAD);
      uncount();
      next = finish(null);
    }
    if (next == null) {
      leave();
    }
  }

  /** What a function thread does: the task it was started for, then whatever waits. */
  private void work(Ticket first) {
    Ticket ticket = first;
    while (ticket != null) {
      Runnable outcome = run(ticket);
      Ticket next = finish(ticket);
      if (!ticket.isOffered() || (next != null && !next.isOffered())) {
        onChange.run();
      }
      if (next != null && next.wasLastMovable) {
        onMovable.accept(0);
      }
      tell(outcome);
      ticket = next;
    }
    leave();
  }

  private Runnable run(Ticket ticket) {
    try {
      return begin(ticket)
          ? ticket.run()
          : () -> ticket.cancel(Reason.DRAINING, STOPPED_BEFORE_ITS_TURN);
    } catch (Throwable defect) {
      log.error("a task threw, which none should", defect);
      // Has an effect only where it did not come to run.
      return () -> ticket.cancel(Reason.INTERNAL, "the call could not be run: " + defect);
    }
  }

  private static void tell(Runnable outcome) {
    try {
      outcome.run();
    } catch (Throwable defect) {
      log.error("a task threw, which none should", defect);
    }
  }

  /** Starts its time; false where the end came first. */
  private boolean begin(Ticket ticket) {
    lock.lock();
    try {
      if (stopped) {
        return false;
      }
      running.add(ticket);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Takes the next task for this thread; null where none waits. */
  private @Nullable Ticket finish(@Nullable Ticket ticket) {
    lock.lock();
    try {
      if (ticket != null) {
        running.remove(ticket);
        ended++;
      }
      Ticket next = queue.poll();
      if (next != null) {
        next.wasLastMovable = next.isMovable() && queue.movable() == 0;
        return next;
      }
      busy--;
      return null;
    } finally {
      lock.unlock();
    }
  }

  /** Ends what {@link #submit} began for a thread. */
  private void leave() {
    lock.lock();
    try {
      atWork--;
      if (isIdle()) {
        idle.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private boolean isIdle() {
    return atWork == 0 && away.isEmpty();
  }

  void removeQueued(Ticket ticket) {
    boolean wasLastMovable = false;
    lock.lock();
    try {
      if (queue.remove(ticket)) {
        wasLastMovable = ticket.isMovable() && queue.movable() == 0;
        uncount();
      }
    } finally {
      lock.unlock();
    }
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
    lock.lock();
    try {
      for (Ticket ticket = queue.pollMovable(); ticket != null; ticket = queue.pollMovable()) {
        if (ticket.leave()) {
          away.add(ticket);
          return ticket;
        }
        // It was dropped at the same moment.
        uncount();
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  /** A task that was handed over has run, or may have. */
  public void ranElsewhere(Ticket ticket) {
    lock.lock();
    try {
      ticket.endAway();
      forgetAway(ticket);
      uncount();
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void forgetAway(Ticket ticket) {
    away.remove(ticket);
    if (isIdle()) {
      idle.signalAll();
    }
  }

  /**
   * A task that was handed over was not started: it is the next one to run here. One that was
   * cancelled meanwhile has ended.
   *
   * @param stays whether it is not to be handed over again
   */
  public void takeBack(Ticket ticket, boolean stays) {
    boolean starts = false;
    boolean isLate = false;
    int movable = 0;
    lock.lock();
    try {
      if (!ticket.comeBack(stays)) {
        uncount();
      } else if (stopped) {
        isLate = true;
      } else if (busy < limits.concurrency()) {
        starts = true;
        busy++;
        atWork++;
      } else {
        ticket.task().waits();
        queue.addFirst(ticket);
        movable = queue.movable();
      }
      forgetAway(ticket);
    } finally {
      lock.unlock();
    }
    if (isLate) {
      ticket.cancel(Reason.DRAINING, STOPPED_BEFORE_ITS_TURN);
    }
    if (starts && !start(ticket)) {
      ticket.cancel(Reason.UNAVAILABLE, NO_THREAD);
      uncount();
      passOn();
    }
    onChange.run();
    if (movable > 0) {
      onMovable.accept(movable);
    }
  }

  /** A task that was taken will not run. */
  private void uncount() {
    lock.lock();
    try {
      // Its place may go to another task, unless it was told already that there are no more.
      if (!closed) {
        taken--;
      }
    } finally {
      lock.unlock();
    }
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
    List<Ticket> waiting;
    lock.lock();
    try {
      waiting = queue.all();
    } finally {
      lock.unlock();
    }
    // One that has begun meanwhile goes on.
    waiting.forEach(ticket -> ticket.drop(Reason.DRAINING, message));
  }

  /**
   * Waits until nothing runs, nothing waits and every outcome is told; false where that takes
   * longer than {@code atMost}.
   */
  public boolean awaitIdle(Duration atMost) throws InterruptedException {
    long nanos = atMost.toNanos();
    lock.lockInterruptibly();
    try {
      while (!isIdle()) {
        if (nanos <= 0) {
          return false;
        }
        nanos = idle.awaitNanos(nanos);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** How many tasks run or wait. */
  public int load() {
    lock.lock();
    try {
      return busy + queue.size();
    } finally {
      lock.unlock();
    }
  }

  /** How many tasks run. */
  public int running() {
    lock.lock();
    try {
      return busy;
    } finally {
      lock.unlock();
    }
  }

  /** How many tasks wait. */
  @Override
  public int waiting() {
    lock.lock();
    try {
      return queue.size();
    } finally {
      lock.unlock();
    }
  }

  /** How many tasks wait that may be run elsewhere. */
  public int movableWaiting() {
    lock.lock();
    try {
      return queue.movable();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int concurrency() {
    return limits.concurrency();
  }

  @Override
  public int free() {
    lock.lock();
    try {
      return closed ? 0 : limits.concurrency() - busy;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int backlog() {
    lock.lock();
    try {
      return queue.size() - queue.offered();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long ended() {
    lock.lock();
    try {
      return ended;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void giveBack() {
    List<Ticket> waiting;
    lock.lock();
    try {
      waiting = queue.all().stream().filter(Ticket::isOffered).toList();
    } finally {
      lock.unlock();
    }
    waiting.forEach(ticket -> ticket.drop(Reason.QUEUE_FULL, "slow calls hold all places"));
  }

  /** How many tasks were taken so far, but for those that were dropped before their turn. */
  public long taken() {
    lock.lock();
    try {
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** From now on takes nothing, drops what waits, and asks what runs to stop. */
  public void close() {
    List<Ticket> waiting;
    List<Ticket> started;
    lock.lock();
    try {
      closed = true;
      stopped = true;
      waiting = queue.all();
      started = running.all();
      started.addAll(away);
    } finally {
      lock.unlock();
    }
    waiting.forEach(ticket -> ticket.cancel(Reason.DRAINING, STOPPED_BEFORE_ITS_TURN));
    started.forEach(
        ticket -> ticket.cancel(Reason.UNAVAILABLE, "the worker stopped while the function ran"));
  }

  /** From now on takes nothing; what runs and waits goes on. */
  public void refuse() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
  }

  private ClutchException queueFull() {
    return ClutchException.builder(
            Reason.QUEUE_FULL,
            Started.NO,
            "%d calls run and %d wait; there is no room for another"
                .formatted(limits.concurrency(), limits.queueCapacity()))
        .retryDelay(RETRY_DELAY)
        .build();
  }

  private static ClutchException noThread() {
    return ClutchException.builder(Reason.UNAVAILABLE, Started.NO, NO_THREAD)
        .retryDelay(RETRY_DELAY)
        .build();
  }

  private static ClutchException draining() {
    return ClutchException.builder(Reason.DRAINING, Started.NO, "the worker is about to stop")
        .retryDelay(RETRY_DELAY)
        .build();
  }
}
