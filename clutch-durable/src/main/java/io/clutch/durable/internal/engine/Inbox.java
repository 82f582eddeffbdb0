package io.clutch.durable.internal.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.clutch.durable.internal.store.Change;
import io.clutch.durable.internal.store.JobStore;
import io.clutch.durable.internal.store.NewRow;
import io.clutch.durable.internal.store.StoreException;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.worker.jobs.AcceptedJob;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * What is to be written next: whatever comes in while a group is being committed is the next group.
 * Thread-safe.
 */
final class Inbox {

  /** How many new jobs may wait for the store, and how many bytes in all. */
  static final int MOST_JOBS = 10_000;

  static final long MOST_BYTES = 64L << 20;

  private static final Duration PAUSE = Duration.ofMillis(100);

  /** A job that is to be accepted. */
  record Accept(NewRow row, int size, CompletableFuture<AcceptedJob> done) {}

  /** Something else to be done with the store. */
  interface Order {
    void run(JobStore store) throws StoreException;

    /** It could not be done. */
    void failed(ClutchException why);
  }

  /** What has come in. */
  record Batch(List<Accept> accepts, List<Change> changes, Deque<Order> orders) {
    Batch() {
      this(new ArrayList<>(), new ArrayList<>(), new ArrayDeque<>());
    }
  }

  @GuardedBy("this")
  private Batch next = new Batch();

  @GuardedBy("this")
  private long bytes;

  @GuardedBy("this")
  private boolean awake;

  @GuardedBy("this")
  private boolean closed;

  /**
   * @throws ClutchException QUEUE_FULL, DRAINING
   */
  synchronized void accept(Accept accept) {
    if (closed) {
      throw ClutchException.notStarted(Reason.DRAINING, "the worker is about to stop");
    }
    if (next.accepts().size() >= MOST_JOBS || bytes + accept.size() > MOST_BYTES) {
      throw ClutchException.builder(
              Reason.QUEUE_FULL,
              Started.NO,
              "%d durable calls of %d bytes wait for the store already"
                  .formatted(next.accepts().size(), bytes))
          .retryDelay(PAUSE)
          .build();
    }
    bytes += accept.size();
    next.accepts().add(accept);
    wake();
  }

  /** Tells what became of a job. */
  synchronized void change(Change change) {
    next.changes().add(change);
    wake();
  }

  /** Has something done. */
  void order(Order order) {
    ClutchException refusal;
    synchronized (this) {
      if (!closed && next.orders().size() < MOST_JOBS) {
        next.orders().add(order);
        wake();
        return;
      }
      refusal =
          closed
              ? ClutchException.notStarted(Reason.DRAINING, "the worker is about to stop")
              : ClutchException.builder(
                      Reason.QUEUE_FULL, Started.NO, "too many requests wait for the store")
                  .retryDelay(PAUSE)
                  .build();
    }
    order.failed(refusal);
  }

  /** These come before those that came in meanwhile. */
  synchronized void putBack(Deque<Order> orders) {
    for (var late = orders.descendingIterator(); late.hasNext(); ) {
      next.orders().addFirst(late.next());
    }
    if (!orders.isEmpty()) {
      wake();
    }
  }

  /** Ends {@link #take} though nothing came in. */
  synchronized void wake() {
    if (!awake) {
      awake = true;
      notifyAll();
    }
  }

  /** From now on only changes come in. */
  synchronized void close() {
    closed = true;
    wake();
  }

  synchronized boolean isClosed() {
    return closed;
  }

  /** What has come in; waits for it, at most so long. */
  synchronized Batch take(long atMostNanos) throws InterruptedException {
    long end = System.nanoTime() + atMostNanos;
    while (!awake) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        break;
      }
      // Rounded up, or it would not sleep at all for the last millisecond.
      TimeUnit.NANOSECONDS.timedWait(this, left + 999_999);
    }
    awake = false;
    return takeNow();
  }

  /** The changes that have come in, without waiting. */
  synchronized List<Change> takeChanges() {
    List<Change> changes = new ArrayList<>(next.changes());
    next.changes().clear();
    return changes;
  }

  /** All that has come in, without waiting. */
  synchronized Batch takeNow() {
    Batch batch = next;
    next = new Batch();
    bytes = 0;
    return batch;
  }
}
