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
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What is to be written next: whatever comes in while a group is being committed is the next group.
 * Thread-safe.
 */
final class Inbox {

  /** How many new jobs may wait for the store, and how many bytes in all. */
  static final int MOST_JOBS = 10_000;

  static final long MOST_BYTES = 64L << 20;

  /** How long what became of jobs waits for company, and for how much. */
  private static final long CHANGES_NANOS = 2_000_000;

  private static final int MANY_CHANGES = 64;

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

  private final ReentrantLock lock = new ReentrantLock();

  /** That there is reason to end {@link #take}. */
  private final Condition isAwake = lock.newCondition();

  @GuardedBy("lock")
  private Batch next = new Batch();

  @GuardedBy("lock")
  private long bytes;

  /** Since when the first one of the changes waits. */
  @GuardedBy("lock")
  private long changesSinceNanos;

  /** Whether they wait no longer. */
  @GuardedBy("lock")
  private boolean mustWriteChanges;

  @GuardedBy("lock")
  private boolean awake;

  @GuardedBy("lock")
  private boolean closed;

  /**
   * @throws ClutchException QUEUE_FULL, DRAINING
   */
  void accept(Accept accept) {
    lock.lock();
    try {
      if (closed) {
        throw draining();
      }
      if (next.accepts().size() >= MOST_JOBS || bytes + accept.size() > MOST_BYTES) {
        throw full(
            "%d durable calls of %d bytes wait for the store already"
                .formatted(next.accepts().size(), bytes));
      }
      bytes += accept.size();
      next.accepts().add(accept);
      wakeLocked();
    } finally {
      lock.unlock();
    }
  }

  private static ClutchException draining() {
    return ClutchException.notStarted(Reason.DRAINING, "the worker is about to stop");
  }

  private static ClutchException full(String message) {
    return ClutchException.builder(Reason.QUEUE_FULL, Started.NO, message)
        .retryDelay(PAUSE)
        .build();
  }

  /** Tells what became of a job. That may wait a little for others, unless somebody wants it. */
  void change(Change change) {
    lock.lock();
    try {
      next.changes().add(change);
      int count = next.changes().size();
      if (change instanceof Change.HandBack || count >= MANY_CHANGES || closed) {
        mustWriteChanges = true;
        wakeLocked();
      } else if (count == 1) {
        changesSinceNanos = System.nanoTime();
        if (!awake) {
          // Whoever waits in take is to wait less long.
          isAwake.signal();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Has something done. */
  void order(Order order) {
    ClutchException refusal;
    lock.lock();
    try {
      if (!closed && next.orders().size() < MOST_JOBS) {
        next.orders().add(order);
        wakeLocked();
        return;
      }
      refusal = closed ? draining() : full("too many requests wait for the store");
    } finally {
      lock.unlock();
    }
    order.failed(refusal);
  }

  /** These come before those that came in meanwhile. */
  void putBack(Deque<Order> orders) {
    if (orders.isEmpty()) {
      return;
    }
    lock.lock();
    try {
      for (var late = orders.descendingIterator(); late.hasNext(); ) {
        next.orders().addFirst(late.next());
      }
      wakeLocked();
    } finally {
      lock.unlock();
    }
  }

  /** Ends {@link #take} though nothing came in. */
  void wake() {
    lock.lock();
    try {
      wakeLocked();
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private void wakeLocked() {
    if (!awake) {
      awake = true;
      isAwake.signal();
    }
  }

  /** From now on only changes come in. */
  void close() {
    lock.lock();
    try {
      closed = true;
      wakeLocked();
    } finally {
      lock.unlock();
    }
  }

  boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** What has come in; waits for it, at most so long. */
  Batch take(long atMostNanos) throws InterruptedException {
    lock.lock();
    try {
      long end = System.nanoTime() + atMostNanos;
      while (!awake) {
        long left = end - System.nanoTime();
        if (!next.changes().isEmpty()) {
          left = Math.min(left, changesSinceNanos + CHANGES_NANOS - System.nanoTime());
        }
        if (left <= 0) {
          break;
        }
        long unused = isAwake.awaitNanos(left);
      }
      awake = false;
      return next.accepts().isEmpty() || changesAreDue() ? takeLocked() : takeAllButChanges();
    } finally {
      lock.unlock();
    }
  }

  /** The changes that have come in, without waiting. */
  List<Change> takeChanges() {
    lock.lock();
    try {
      List<Change> changes = new ArrayList<>(next.changes());
      next.changes().clear();
      mustWriteChanges = false;
      return changes;
    } finally {
      lock.unlock();
    }
  }

  /** All that has come in, without waiting. */
  Batch takeNow() {
    lock.lock();
    try {
      return takeLocked();
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private boolean changesAreDue() {
    return mustWriteChanges || closed || System.nanoTime() - changesSinceNanos >= CHANGES_NANOS;
  }

  @GuardedBy("lock")
  private Batch takeAllButChanges() {
    List<Change> waiting = next.changes();
    Batch batch = new Batch(next.accepts(), new ArrayList<>(), next.orders());
    next = new Batch(new ArrayList<>(), waiting, new ArrayDeque<>());
    bytes = 0;
    return batch;
  }

  @GuardedBy("lock")
  private Batch takeLocked() {
    Batch batch = next;
    next = new Batch();
    bytes = 0;
    mustWriteChanges = false;
    return batch;
  }
}
