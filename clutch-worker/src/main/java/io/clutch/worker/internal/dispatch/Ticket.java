package io.clutch.worker.internal.dispatch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A task's place in the dispatcher. Thread-safe.
 *
 * <p>{@code QUEUED → RUNNING → DONE}, or {@code QUEUED → DONE} where it is dropped. An interrupt
 * reaches the function thread only while the task runs there: both are decided under this lock.
 */
public final class Ticket {

  private enum State {
    QUEUED,
    RUNNING,
    DONE
  }

  private final Dispatcher dispatcher;
  private final Task task;
  private final boolean offered;

  @GuardedBy("this")
  private State state = State.QUEUED;

  @GuardedBy("this")
  private @Nullable Thread thread;

  private volatile boolean cancelled;

  /** When its time limit ends, by the dispatcher's clock. Guarded by RunningTasks. */
  long runsUntilNanos;

  /** Whether it was found overdue. Guarded by RunningTasks. */
  boolean isReported;

  Ticket(Dispatcher dispatcher, Task task, boolean offered) {
    this.dispatcher = dispatcher;
    this.task = task;
    this.offered = offered;
  }

  /** Whether it may be given back while it waits. */
  boolean isOffered() {
    return offered;
  }

  Task task() {
    return task;
  }

  /** The thread that runs it; null where it does not run. */
  synchronized @Nullable Thread thread() {
    return thread;
  }

  /** Whether it runs on though its time was over {@code grace} ago. */
  boolean isOverdue(long nowNanos, Duration grace, boolean hasTimeLimit) {
    return (hasTimeLimit && nowNanos - runsUntilNanos > grace.toNanos()) || task.isOverdue(grace);
  }

  /** Whether the task was asked to stop, or dropped. */
  public boolean isCancelled() {
    return cancelled;
  }

  /**
   * Drops the task if it waits; asks it to stop if it runs; else does nothing.
   *
   * @param message what the caller gets to read
   */
  public void cancel(Reason reason, String message) {
    if (drop(reason, message)) {
      return;
    }
    synchronized (this) {
      if (cancelled || state == State.DONE) {
        return;
      }
      cancelled = true;
    }
    task.cancelled(ClutchException.builder(reason, Started.YES, message).build());
    interrupt();
  }

  /**
   * Drops the task if it waits; else does nothing.
   *
   * @param message what the caller gets to read
   * @return whether it waited
   */
  boolean drop(Reason reason, String message) {
    synchronized (this) {
      if (state != State.QUEUED) {
        return false;
      }
      cancelled = true;
      state = State.DONE;
    }
    dispatcher.removeQueued(this);
    task.dropped(ClutchException.builder(reason, Started.NO, message).build());
    return true;
  }

  private synchronized void interrupt() {
    if (thread != null) {
      thread.interrupt();
    }
  }

  /** Runs the task on this thread, unless it was dropped; gives what tells the outcome. */
  Runnable run() {
    synchronized (this) {
      if (state != State.QUEUED) {
        return () -> {};
      }
      state = State.RUNNING;
      thread = Thread.currentThread();
    }
    try {
      return task.run();
    } finally {
      synchronized (this) {
        state = State.DONE;
        thread = null;
        // What was meant for this task must not reach the next one on this thread.
        boolean unused = Thread.interrupted();
      }
    }
  }
}
