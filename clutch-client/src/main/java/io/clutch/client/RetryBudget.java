package io.clutch.client;

import com.google.common.base.Ticker;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;

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
  private static final double MOST = PER_SECOND * SAVED_AT_MOST.toSeconds();
  private static final double NANOS_PER_SECOND = 1e9;

  private final Ticker ticker;

  @GuardedBy("this")
  private double tokens = MOST;

  @GuardedBy("this")
  private long filledAt;

  RetryBudget(Ticker ticker) {
    this.ticker = ticker;
    this.filledAt = ticker.read();
  }

  /** A call is made. */
  synchronized void call() {
    tokens = Math.min(MOST, tokens + PER_CALL);
  }

  /** Whether a repetition may be sent now; it counts as sent where it may. */
  synchronized boolean repetition() {
    long now = ticker.read();
    tokens = Math.min(MOST, tokens + (now - filledAt) / NANOS_PER_SECOND * PER_SECOND);
    filledAt = now;
    if (tokens < 1) {
      return false;
    }
    tokens--;
    return true;
  }
}
