package io.clutch.client;

import com.google.common.base.Ticker;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many repetitions a client may send to workers: a share of its calls, and a few in any case.
 * Without it, workers that refuse because they have too much to do would get more to do.
 * Thread-safe.
 *
 * <p>A token bucket, filled by calls and by time, that starts full; as Finagle's RetryBudget.
 */
final class RetryBudget {

  /** How many repetitions each call allows. */
  static final double PER_CALL = 0.2;

  /** How many repetitions each second allows. */
  static final double PER_SECOND = 100;

  private static final Duration SAVED_AT_MOST = Duration.ofSeconds(10);

  /** Tokens are counted in parts, so that a call needs no lock. */
  private static final long PART = 1_000_000;

  private static final long MOST = (long) (PER_SECOND * SAVED_AT_MOST.toSeconds() * PART);
  private static final double NANOS_PER_SECOND = 1e9;

  private final Ticker ticker;
  private final AtomicLong parts = new AtomicLong(MOST);

  @GuardedBy("this")
  private long filledAt;

  RetryBudget(Ticker ticker) {
    this.ticker = ticker;
    this.filledAt = ticker.read();
  }

  /** A call is made. */
  void call() {
    // Full is what it is most of the time.
    if (parts.get() < MOST) {
      add((long) (PER_CALL * PART));
    }
  }

  /** Whether a repetition may be sent now; it counts as sent where it may. */
  synchronized boolean repetition() {
    long now = ticker.read();
    add((long) ((now - filledAt) / NANOS_PER_SECOND * PER_SECOND * PART));
    filledAt = now;
    if (parts.get() < PART) {
      return false;
    }
    parts.addAndGet(-PART);
    return true;
  }

  private void add(long more) {
    parts.accumulateAndGet(more, (saved, added) -> added > MOST - saved ? MOST : saved + added);
  }
}
