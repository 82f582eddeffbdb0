package io.clutch.worker.internal.dispatch;

import io.clutch.protocol.Reason;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What function threads do: each runs the task that it was started for, then whatever waits, until
 * nothing does. Thread-safe.
 */
final class FunctionThreads {

  private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);

  /** Hears of places that pass from task to task. */
  interface Listener {
    /**
     * A task has run.
     *
     * @param next has its place now; null where none waits
     */
    void passed(Ticket ended, @Nullable Ticket next);
  }

  private final Executor threads;
  private final Turns turns;
  private final Listener listener;

  FunctionThreads(Executor threads, Turns turns, Listener listener) {
    this.threads = threads;
    this.turns = turns;
    this.listener = listener;
  }

  /** Gives a ticket that has a place to a function thread; false where there is none to be had. */
  boolean start(Ticket ticket) {
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
  void passOn() {
    Ticket next = turns.next(null);
    while (next != null && !start(next)) {
      next.cancel(Reason.UNAVAILABLE, Refusals.NO_THREAD);
      turns.uncount();
      next = turns.next(null);
    }
    if (next == null) {
      turns.leave();
    }
  }

  private void work(Ticket first) {
    Ticket ticket = first;
    while (ticket != null) {
      Ticket ended = ticket;
      Runnable outcome = run(ended);
      Ticket next = turns.next(ended);
      tell(() -> listener.passed(ended, next));
      tell(outcome);
      ticket = next;
    }
    turns.leave();
  }

  private Runnable run(Ticket ticket) {
    try {
      return turns.begin(ticket)
          ? ticket.run()
          : () -> ticket.cancel(Reason.DRAINING, Refusals.STOPPED_BEFORE_ITS_TURN);
    } catch (Throwable defect) {
      log.error("a task threw, which none should", defect);
      // Has an effect only where it did not come to run.
      return () -> ticket.cancel(Reason.INTERNAL, "the call could not be run: " + defect);
    }
  }

  /** Whatever comes of it, the next task has the place already. */
  private static void tell(Runnable news) {
    try {
      news.run();
    } catch (Throwable defect) {
      log.error("a task threw, which none should", defect);
    }
  }
}
