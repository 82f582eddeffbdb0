package io.clutch.durable.internal.engine;

import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/** Notices when the clock is set back. For one thread. */
final class ClockWatch {

  /** What clocks are corrected by all the time. */
  private static final long TOLERANCE_MILLIS = 1_000;

  private final InstantSource clock;
  private long difference;

  ClockWatch(InstantSource clock) {
    this.clock = clock;
    this.difference = difference();
  }

  /** Whether that has happened since it was asked last. */
  boolean wasSetBack() {
    long now = difference();
    boolean setBack = now < difference - TOLERANCE_MILLIS;
    difference = now;
    return setBack;
  }

  private long difference() {
    return clock.millis() - TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }
}
