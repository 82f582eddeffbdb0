package io.clutch.worker.internal.permits;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How long a function has run lately, on average. Thread-safe; where two runs end at once, one of
 * them may go uncounted.
 */
public final class RunTime {

  /** A run counts for this part of the average. */
  private static final int SHARE = 8;

  private static final long UNKNOWN = -1;

  private final AtomicLong mean = new AtomicLong(UNKNOWN);

  /** It has run for so long. */
  public void ran(long nanos) {
    long before = mean.get();
    mean.lazySet(before == UNKNOWN ? nanos : before + (nanos - before) / SHARE);
  }

  /** Whether runs that take so long or longer are to be expected; false where it never ran. */
  public boolean isAtLeast(long nanos) {
    return mean.get() >= nanos;
  }
}
