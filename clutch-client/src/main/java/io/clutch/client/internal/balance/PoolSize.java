package io.clutch.client.internal.balance;

import java.time.Duration;

/**
 * How many processes a server has, as those say that answer. They don't hear of a change at the
 * same moment, a process that is about to leave is not counted any more, and behind a proxy may be
 * several pools. So a larger number is believed at once, a smaller one when nobody has said the
 * larger one for a while. Owned by the server's owner, but for {@link #isNews}.
 */
final class PoolSize {

  /** When a smaller number was said for so long, and by nobody the larger one, it is true. */
  static final Duration CERTAINTY = Duration.ofSeconds(5);

  /** The same, where no connection in use is closed over it. */
  static final Duration LIKELIHOOD = Duration.ofMillis(250);

  /** Smaller numbers are not passed on more often. */
  private static final Duration NEWS_INTERVAL = Duration.ofMillis(50);

  private volatile int size = 1;

  /** When somebody said so last; nanoseconds. */
  private volatile long saidAt;

  /** When somebody said less last; nanoseconds. */
  private volatile long saidLessAt;

  /** The largest smaller number said since; 0 where there was none. */
  private int less;

  /** When the first of them was said; nanoseconds. */
  private long lessSince;

  PoolSize(long now) {
    this.saidAt = now;
    this.saidLessAt = now;
  }

  /** For any thread: whether the owner should hear what an answer says. */
  boolean isNews(int said, long now) {
    int known = size;
    if (said == known) {
      saidAt = now;
      return false;
    }
    return said > known || now - saidLessAt >= NEWS_INTERVAL.toNanos();
  }

  /** The number that holds. */
  int get() {
    return size;
  }

  /** Nothing that was said before counts. */
  void restart(int said, long now) {
    size = said;
    saidAt = now;
    less = 0;
  }

  /** An answer says a number. */
  void said(int said, long now) {
    if (said > size) {
      restart(said, now);
    } else if (said == size) {
      saidAt = now;
    } else {
      if (less == 0 || lessSince - saidAt < 0) {
        less = 0;
        lessSince = now;
      }
      less = Math.max(less, said);
      saidLessAt = now;
    }
  }

  /**
   * Takes a smaller number for true, where it is time for that.
   *
   * @param used how many connections are in use
   */
  void settle(int used) {
    if (less > 0 && lessSince - saidAt >= 0) {
      long lasted = saidLessAt - lessSince;
      if (lasted >= CERTAINTY.toNanos() || (used <= less && lasted >= LIKELIHOOD.toNanos())) {
        restart(less, saidLessAt);
      }
    }
  }
}
