package io.clutch.worker.internal.dispatch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.protocol.stream.Chain;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A task's place in the dispatcher. Thread-safe.
 *
 * <p>{@code QUEUED → RUNNING → DONE}, or {@code QUEUED → DONE} where it is dropped. An interrupt
 * reaches the function thread only while the task runs there: both are decided under this lock. One
 * that is run elsewhere is {@code AWAY}; from there it is {@code DONE}, or {@code QUEUED} again.
 */
public final class Ticket extends Chain.Link<Ticket> {

  private enum State {
    QUEUED,
    RUNNING,
    AWAY,
    DONE
  }

  private final Dispatcher dispatcher;
  private final Task task;
  private final boolean offered;

  @GuardedBy("this")
  private State state = State.QUEUED;

  @GuardedBy("this")
  private @Nullable Thread thread;

  /** What tells whoever has it, while it is away, that nobody wants it any more. */
  @GuardedBy("this")
  private @Nullable Runnable onCancel;

  private volatile boolean cancelled;

  // Guarded by the lock of Turns, as is its link.

  private boolean movable;

  /** Whether no movable one was left in the line when it left that. */
  boolean wasLastMovable;

  /** When its time limit ends, by the dispatcher's clock. Guarded by RunningTasks. */
  long runsUntilNanos;

  /** Whether it was found overdue. Guarded by RunningTasks. */
  boolean isReported;

  /**
   * @param movable whether it may be run elsewhere while it waits
   */
  Ticket(Dispatcher dispatcher, Task task, boolean offered, boolean movable) {
    this.dispatcher = dispatcher;
    this.task = task;
    this.offered = offered;
    this.movable = movable;
  }

  /** Whether it may be given back while it waits. */
  boolean isOffered() {
    return offered;
  }

  boolean isMovable() {
    return movable;
  }

  /** What it is for. */
  public Task task() {
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
    while (!drop(reason, message)) {
      Started started;
      Runnable tellAway;
      synchronized (this) {
        if (state == State.QUEUED) {
          // It has just come back.
          continue;
        }
        if (cancelled || state == State.DONE) {
          return;
        }
        cancelled = true;
        started = state == State.AWAY ? Started.UNKNOWN : Started.YES;
        tellAway = onCancel;
      }
      task.cancelled(ClutchException.builder(reason, started, message).build());
      interrupt();
      if (tellAway != null) {
        tellAway.run();
      }
      return;
    }
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

  /** Goes to be run elsewhere; false where it was dropped. */
  synchronized boolean leave() {
    if (state != State.QUEUED) {
      return false;
    }
    state = State.AWAY;
    return true;
  }

  /**
   * While it is away: sets what is called when it is cancelled, on the thread of whoever does that;
   * at once where it was.
   */
  public void whenCancelled(Runnable tellAway) {
    boolean isLate;
    synchronized (this) {
      isLate = cancelled;
      onCancel = tellAway;
    }
    if (isLate) {
      tellAway.run();
    }
  }

  /** It has run elsewhere. */
  synchronized void endAway() {
    state = State.DONE;
    onCancel = null;
  }

  /** It waits here again; false where it was cancelled. */
  synchronized boolean comeBack(boolean stays) {
    movable = movable && !stays;
    onCancel = null;
    state = cancelled ? State.DONE : State.QUEUED;
    return state == State.QUEUED;
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
