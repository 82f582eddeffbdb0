package io.clutch.client.internal.stream;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.clutch.protocol.TimeSource;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * When to look for calls whose deadline has passed: not before the earliest one, and every 10 ms at
 * most. So calls need no timer each. Thread-safe.
 */
final class Expiry {

  private static final long STEP = Duration.ofMillis(10).toNanos();

  /**
   * Tasks that come again, of which only the first time counts: a time that passes by hand takes
   * others for pauses, which may let it pass.
   */
  private static final long NEVER = Duration.ofDays(365).toNanos();

  /** Looks for them. */
  interface Search {
    /**
     * Ends what has expired by {@code now}.
     *
     * @return the earliest deadline of the others; null where there is none
     */
    @Nullable Long expire(long now);
  }

  private final TimeSource time;
  private final Search search;

  private volatile boolean armed;

  /** Nanoseconds of the time; where it is armed. */
  private volatile long wakeAt;

  @GuardedBy("this")
  private @Nullable ScheduledFuture<?> task;

  @GuardedBy("this")
  private boolean closed;

  Expiry(TimeSource time, Search search) {
    this.time = time;
    this.search = search;
  }

  /** There is something that expires then; the search finds it by now. */
  void watch(long expiresAt) {
    if (!armed || expiresAt - wakeAt < 0) {
      arm(expiresAt, time.ticker().nanoTime());
    }
  }

  private synchronized void arm(long at, long now) {
    if (closed || (armed && at - wakeAt >= 0)) {
      return;
    }
    cancel();
    try {
      task =
          time.timer()
              .scheduleWithFixedDelay(
                  this::look, Math.max(0, at - now), NEVER, TimeUnit.NANOSECONDS);
      wakeAt = at;
      armed = true;
    } catch (RejectedExecutionException e) {
      // The client is closed, which ends all calls.
      closed = true;
    }
  }

  private void look() {
    synchronized (this) {
      cancel();
    }
    long now = time.ticker().nanoTime();
    Long next = search.expire(now);
    if (next != null) {
      arm(next - now > STEP ? next : now + STEP, now);
    }
  }

  synchronized void close() {
    closed = true;
    cancel();
  }

  @GuardedBy("this")
  private void cancel() {
    armed = false;
    if (task != null) {
      task.cancel(false);
      task = null;
    }
  }
}
