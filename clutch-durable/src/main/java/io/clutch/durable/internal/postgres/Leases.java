package io.clutch.durable.internal.postgres;

import com.google.common.base.Ticker;
import io.clutch.durable.internal.store.Owner;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Who lives: whose beats grow. It is this process's own steady clock that says how long somebody's
 * have not, so that it does not matter what any machine takes for the time, or sets it to. For one
 * thread.
 */
final class Leases {

  /** The longest time between two beats. */
  private static final long BEAT_NANOS = Duration.ofSeconds(5).toNanos();

  /** A look at others may be late by so much at least without anything being made of it. */
  private static final long GAP_NANOS = Duration.ofSeconds(3).toNanos();

  /** The rest of a lease is for finding out, and for another process to start. */
  private static final double PATIENCE = 0.6;

  private final Ticker ticker;
  private final long beatNanos;
  private final long gapNanos;
  private final long patienceNanos;
  private final Map<Long, Sight> sights = new HashMap<>();
  private long beatAtNanos;

  /** What was seen of another process: since when its beats have not grown, and when last. */
  private record Sight(long beats, long sinceNanos, long seenNanos) {}

  Leases(Duration lease, Ticker ticker) {
    this.ticker = ticker;
    this.beatNanos = Math.min(BEAT_NANOS, lease.toNanos() / 6);
    this.gapNanos = Math.max(GAP_NANOS, lease.toNanos() / 6);
    this.patienceNanos = (long) (lease.toNanos() * PATIENCE);
    this.beatAtNanos = ticker.read();
  }

  /** Whether it is time for a sign of life. */
  boolean isTimeToBeat() {
    return ticker.read() - beatAtNanos >= 0;
  }

  /** It was given. */
  void hasBeaten() {
    beatAtNanos = ticker.read() + beatNanos;
  }

  /** Whether that process, as it was just seen, has been silent for too long. */
  boolean isDead(Owner other) {
    long now = ticker.read();
    Sight last = sights.get(other.id());
    // Who has not looked for a while, for the database was away or this process stopped, cannot
    // know whether the others could have beaten.
    boolean isNew =
        last == null || last.beats() != other.beats() || now - last.seenNanos() > gapNanos;
    long since = isNew || last == null ? now : last.sinceNanos();
    sights.put(other.id(), new Sight(other.beats(), since, now));
    return now - since > patienceNanos;
  }

  /** It is not there any more. */
  void forget(long id) {
    sights.remove(id);
  }
}
