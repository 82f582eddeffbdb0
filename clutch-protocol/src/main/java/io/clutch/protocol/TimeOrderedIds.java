package io.clutch.protocol;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes UUIDs of version 7 (RFC 9562, 5.7), which sort by the time at which they were made: a store
 * puts them side by side. Those of one process ascend, also within a millisecond and where the
 * clock goes back. Thread-safe.
 */
public final class TimeOrderedIds {

  private static final int COUNTER_BITS = 12;
  private static final long COUNTER = (1L << COUNTER_BITS) - 1;
  private static final long VERSION = 0x7000;
  private static final long VARIANT = 0x8000_0000_0000_0000L;

  private final InstantSource clock;
  private final SecureRandom random = new SecureRandom();

  /**
   * Milliseconds and, behind them, a counter that runs on into these where there are too many ids
   * in one (RFC 9562, 6.2).
   */
  private final AtomicLong last = new AtomicLong();

  /** Ids of the time that {@code clock} says. */
  public TimeOrderedIds(InstantSource clock) {
    this.clock = clock;
  }

  /** The next one, of 36 characters. */
  public String next() {
    // Begins in the lower half, so that it seldom runs over.
    long first = (clock.millis() << COUNTER_BITS) | (random.nextInt() & (COUNTER >> 1));
    long at = last.updateAndGet(before -> Math.max(first, before + 1));
    long high = (at >>> COUNTER_BITS << 16) | VERSION | (at & COUNTER);
    return new UUID(high, VARIANT | (random.nextLong() >>> 2)).toString();
  }
}
