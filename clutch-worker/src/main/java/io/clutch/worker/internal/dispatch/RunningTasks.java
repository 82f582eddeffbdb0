package io.clutch.worker.internal.dispatch;

import com.google.common.base.Ticker;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.clutch.protocol.Reason;
import io.clutch.worker.internal.dispatch.Dispatcher.Overdue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The tasks that run, and the time they have for it. Thread-safe. */
final class RunningTasks {

  private final @Nullable Duration timeLimit;
  private final ScheduledExecutorService timer;
  private final Ticker ticker;

  /** In the order of start and therefore of the end of their time. */
  @GuardedBy("this")
  private final Set<Ticket> running = new LinkedHashSet<>();

  @GuardedBy("this")
  private boolean sweepScheduled;

  RunningTasks(@Nullable Duration timeLimit, ScheduledExecutorService timer, Ticker ticker) {
    this.timeLimit = timeLimit;
    this.timer = timer;
    this.ticker = ticker;
  }

  /** Its time begins. */
  synchronized void add(Ticket ticket) {
    running.add(ticket);
    if (timeLimit != null) {
      ticket.runsUntilNanos = ticker.read() + timeLimit.toNanos();
      scheduleSweep(ticket);
    }
  }

  /** It has ended. */
  synchronized void remove(Ticket ticket) {
    running.remove(ticket);
  }

  /** All that run now. */
  synchronized List<Ticket> all() {
    return new ArrayList<>(running);
  }

  @GuardedBy("this")
  private void scheduleSweep(Ticket first) {
    if (!sweepScheduled) {
      var unused =
          timer.schedule(this::sweep, first.runsUntilNanos - ticker.read(), TimeUnit.NANOSECONDS);
      sweepScheduled = true;
    }
  }

  /** Cancels what has run for too long, and sleeps until the next one's time ends. */
  private void sweep() {
    for (Ticket ticket : expired()) {
      ticket.cancel(Reason.FUNCTION_TIMEOUT, timeoutMessage(ticket));
    }
  }

  private synchronized List<Ticket> expired() {
    List<Ticket> expired = new ArrayList<>();
    sweepScheduled = false;
    long now = ticker.read();
    for (Ticket ticket : running) {
      if (ticket.isCancelled()) {
        continue;
      }
      if (ticket.runsUntilNanos - now > 0) {
        scheduleSweep(ticket);
        break;
      }
      expired.add(ticket);
    }
    return expired;
  }

  /** Says where the function was, for whoever has to find out why it took so long. */
  private String timeoutMessage(Ticket ticket) {
    String message = "the function ran longer than the worker's timeout of " + timeLimit;
    Thread thread = ticket.thread();
    return thread == null ? message : message + "; it was at\n" + StackText.of(thread);
  }

  /** See {@link Dispatcher#overdue}. */
  List<Overdue> overdue(Duration grace) {
    List<Overdue> overdue = new ArrayList<>();
    for (Ticket ticket : late(grace)) {
      Thread thread = ticket.thread();
      if (thread != null) {
        overdue.add(new Overdue(ticket.task(), thread));
      }
    }
    return overdue;
  }

  private synchronized List<Ticket> late(Duration grace) {
    List<Ticket> late = new ArrayList<>();
    long now = ticker.read();
    for (Ticket ticket : running) {
      if (!ticket.isReported && ticket.isOverdue(now, grace, timeLimit != null)) {
        ticket.isReported = true;
        late.add(ticket);
      }
    }
    return late;
  }
}
