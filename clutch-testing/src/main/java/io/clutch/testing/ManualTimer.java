package io.clutch.testing;

import com.google.common.math.LongMath;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RunnableScheduledFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A time that passes by hand, and the tasks that wait for it. What comes due runs on the thread
 * that lets the time pass, in the order of time; what is due when it is scheduled, on a thread of
 * its own. Thread-safe.
 */
final class ManualTimer extends AbstractExecutorService implements ScheduledExecutorService {

  /** The threads end by themselves, so that nobody has to end them. */
  private static final Duration IDLE = Duration.ofMillis(100);

  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE,
          IDLE.toMillis(),
          TimeUnit.MILLISECONDS,
          new SynchronousQueue<>(),
          new ThreadFactoryBuilder().setNameFormat("clutch-test-clock").setDaemon(true).build());

  @GuardedBy("this")
  private final PriorityQueue<Task<?>> waiting = new PriorityQueue<>();

  /** Nanoseconds since the start. */
  @GuardedBy("this")
  private long now;

  /** Where those who advance it by hand want it to be. */
  @GuardedBy("this")
  private long wanted;

  @GuardedBy("this")
  private long scheduled;

  /** How many want that no time passes by itself. */
  @GuardedBy("this")
  private int holds;

  /** Whether this thread advances it by hand. */
  private final ThreadLocal<Boolean> isAdvancing = ThreadLocal.withInitial(() -> false);

  /** Nanoseconds since the start. */
  synchronized long now() {
    return now;
  }

  /** Lets {@code nanos} pass, and runs what comes due on this thread. */
  void advance(long nanos) {
    boolean isWithin = isAdvancing.get();
    long moment;
    synchronized (this) {
      // What other threads want comes on top; a task that runs meanwhile begins from its own time.
      moment = Math.addExact(isWithin ? now : Math.max(now, wanted), nanos);
      wanted = Math.max(wanted, moment);
    }
    isAdvancing.set(true);
    try {
      advanceTo(moment);
    } finally {
      if (!isWithin) {
        isAdvancing.remove();
      }
    }
  }

  /** Lets the time until {@code moment} pass on another thread; none where it is over. */
  void advanceSoonTo(long moment) {
    threads.execute(
        () -> {
          awaitRelease();
          advanceTo(moment);
        });
  }

  /** From now on no time passes by {@link #advanceSoonTo}, until {@link #release}. */
  synchronized void hold() {
    holds++;
  }

  synchronized void release() {
    holds--;
    notifyAll();
  }

  private synchronized void awaitRelease() {
    boolean interrupted = false;
    while (holds > 0) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void advanceTo(long moment) {
    for (Task<?> due = nextDue(moment); due != null; due = nextDue(moment)) {
      due.run();
    }
  }

  /** Goes to the next task's time; to {@code moment} where there is none before. */
  private synchronized @Nullable Task<?> nextDue(long moment) {
    Task<?> first = waiting.peek();
    if (first == null || first.due > moment) {
      now = Math.max(now, moment);
      return null;
    }
    waiting.remove();
    now = Math.max(now, first.due);
    return first;
  }

  private void add(Task<?> task) {
    synchronized (this) {
      if (task.due > now) {
        waiting.add(task);
        return;
      }
    }
    threads.execute(task);
  }

  private synchronized void remove(Task<?> task) {
    waiting.remove(task);
  }

  private synchronized long in(long delay, TimeUnit unit) {
    return LongMath.saturatedAdd(now, Math.max(0, unit.toNanos(delay)));
  }

  private synchronized long nextNumber() {
    return scheduled++;
  }

  private <V> Task<V> add(Callable<V> work, long delay, long period, TimeUnit unit) {
    Task<V> task = new Task<>(work, in(delay, unit), unit.toNanos(period), nextNumber());
    add(task);
    return task;
  }

  /** When the task is due, in nanoseconds since the start. */
  static long due(ScheduledFuture<?> task) {
    return ((Task<?>) task).due;
  }

  @Override
  public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
    return add(Executors.callable(command), delay, 0, unit);
  }

  @Override
  public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
    return add(callable, delay, 0, unit);
  }

  @Override
  public ScheduledFuture<?> scheduleAtFixedRate(
      Runnable command, long initialDelay, long period, TimeUnit unit) {
    checkPeriod(period, unit);
    return add(Executors.callable(command), initialDelay, period, unit);
  }

  @Override
  public ScheduledFuture<?> scheduleWithFixedDelay(
      Runnable command, long initialDelay, long delay, TimeUnit unit) {
    checkPeriod(delay, unit);
    return add(Executors.callable(command), initialDelay, -delay, unit);
  }

  private static void checkPeriod(long period, TimeUnit unit) {
    if (period <= 0) {
      throw new IllegalArgumentException(
          "the period is %d %s: want more than 0".formatted(period, unit));
    }
  }

  @Override
  public void execute(Runnable command) {
    threads.execute(command);
  }

  @Override
  public void shutdown() {
    // Shared by all that live in this time.
  }

  @Override
  public List<Runnable> shutdownNow() {
    return List.of();
  }

  @Override
  public boolean isShutdown() {
    return false;
  }

  @Override
  public boolean isTerminated() {
    return false;
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return false;
  }

  /** Ordered by time, then by when it was scheduled. */
  private final class Task<V> extends FutureTask<V> implements RunnableScheduledFuture<V> {

    /** Nanoseconds: 0 is once, below 0 is from the end of one run to the next one. */
    private final long period;

    private final long number;

    /** Changes between two runs only, while it waits for nothing. */
    private volatile long due;

    private Task(Callable<V> work, long due, long period, long number) {
      super(work);
      this.due = due;
      this.period = period;
      this.number = number;
    }

    @Override
    public void run() {
      if (period == 0) {
        super.run();
      } else if (runAndReset()) {
        due = period > 0 ? due + period : now() - period;
        ManualTimer.this.add(this);
      }
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
      remove(this);
      return super.cancel(mayInterruptIfRunning);
    }

    @Override
    public boolean isPeriodic() {
      return period != 0;
    }

    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(due - now(), TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      Task<?> task = (Task<?>) other;
      return due == task.due ? Long.compare(number, task.number) : Long.compare(due, task.due);
    }

    // Which of them it is, not when it is due.

    @Override
    public boolean equals(@Nullable Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  }
}
