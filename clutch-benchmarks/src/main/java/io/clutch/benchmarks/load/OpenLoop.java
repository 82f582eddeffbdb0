package io.clutch.benchmarks.load;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Starts calls when a plan says so, however long the calls before take. A call's time counts from
 * the moment that it was due, so that whatever holds up its start counts too: nothing is left out
 * where calls would have come (no coordinated omission).
 */
public final class OpenLoop {

  /** How many calls are under way at most; those that are due then wait, which counts. */
  private static final int MOST_OUTSTANDING = 20_000;

  /** How long the calls under way may take to end. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private OpenLoop() {}

  /** Which calls start when. Used from the threads on which calls end, too. */
  public interface Plan {

    /** How many calls there are. */
    int size();

    /** When a call is due, from the start on; no earlier than the one before. */
    long dueNanos(int call);

    /** Starts a call. */
    void start(int call, Done done);

    /** A call has ended, so long after it was due. */
    void ended(int call, long nanos, @Nullable Throwable failure);
  }

  /** Runs all calls of a plan, and waits for their ends. */
  public static void run(Plan plan) throws InterruptedException {
    checkArgument(plan.size() >= 1, "the plan has no calls");
    Semaphore places = new Semaphore(MOST_OUTSTANDING);
    long start = System.nanoTime();
    for (int i = 0; i < plan.size(); i++) {
      int call = i;
      long due = start + plan.dueNanos(call);
      awaitNanoTime(due);
      places.acquire();
      plan.start(
          call,
          failure -> {
            long nanos = System.nanoTime() - due;
            plan.ended(call, nanos, failure);
            // Whoever waits for the last one reads what was told.
            places.release();
          });
    }
    checkState(
        places.tryAcquire(MOST_OUTSTANDING, PATIENCE.toMillis(), TimeUnit.MILLISECONDS),
        "%s calls did not end within %s",
        MOST_OUTSTANDING - places.availablePermits(),
        PATIENCE);
  }

  /** Does not spin: there are processors for two processes at most. */
  private static void awaitNanoTime(long moment) throws InterruptedException {
    long wait = moment - System.nanoTime();
    while (wait > 0) {
      LockSupport.parkNanos(wait);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      wait = moment - System.nanoTime();
    }
  }
}
