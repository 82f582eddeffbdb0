package io.clutch.durable.internal.engine;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.TimeUnit;

/**
 * What is known here of jobs that wait in the store, and that nobody has taken: whether to look for
 * them, whether others are to be told of them, and whether others are to tell. Thread-safe.
 */
final class Backlog {

  /** How often others are told at most. */
  private static final long TELL_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  @GuardedBy("this")
  private boolean mayExist = true;

  @GuardedBy("this")
  private boolean mustTell;

  @GuardedBy("this")
  private long toldNanos = System.nanoTime() - TELL_NANOS;

  @GuardedBy("this")
  private boolean hasAsked;

  /** There may be some. */
  synchronized void found() {
    mayExist = true;
  }

  /** There may be some, which others don't know of. */
  synchronized void foundNew() {
    mayExist = true;
    mustTell = true;
  }

  /** Others say that there are some. */
  synchronized void told() {
    mayExist = true;
    hasAsked = false;
  }

  /** Whether there may be some. */
  synchronized boolean mayExist() {
    return mayExist;
  }

  /** They are looked for now: whoever tells of more from now on is heard. */
  synchronized void look() {
    mayExist = false;
  }

  /** Whether to ask others for some, now that there is room; once, until they tell of some. */
  synchronized boolean ask() {
    boolean asks = !mayExist && !hasAsked;
    hasAsked |= asks;
    return asks;
  }

  /** Whether to tell others, now. */
  synchronized boolean tell() {
    boolean tells = untilTellNanos() <= 0;
    if (tells) {
      mustTell = false;
      toldNanos = System.nanoTime();
    }
    return tells;
  }

  /** How long until others are to be told; a long time where that is not so. */
  synchronized long untilTellNanos() {
    return mustTell ? toldNanos + TELL_NANOS - System.nanoTime() : Long.MAX_VALUE;
  }
}
