package io.clutch.supervisor.internal.pool;

import com.google.common.collect.Comparators;
import java.time.Duration;
import java.time.Instant;

/** A child's place: how often it was filled, and when it may be filled again. */
final class Slot {

  /** A child that lives as long after it was ready was no failure of its start. */
  static final Duration EARLY = Duration.ofSeconds(5);

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
  private static final Duration SHORTEST_PAUSE_AFTER_EARLY_DEATH = Duration.ofMillis(100);

  private long generation;
  private int earlyDeaths;
  private Instant notBefore = Instant.MIN;

  long nextGeneration() {
    generation++;
    return generation;
  }

  Instant notBefore() {
    return notBefore;
  }

  /** A child died before it was ready, or soon after: the pause doubles each time. */
  void diedEarly(Duration errRespawnInterval, Instant now) {
    earlyDeaths++;
    Duration base = Comparators.max(errRespawnInterval, SHORTEST_PAUSE_AFTER_EARLY_DEATH);
    Duration longest = Comparators.max(errRespawnInterval, LONGEST_PAUSE);
    Duration pause =
        earlyDeaths == 1
            ? errRespawnInterval
            : base.multipliedBy(1L << Math.min(earlyDeaths - 1, 20));
    notBefore = now.plus(Comparators.min(pause, longest));
  }

  /** A child died after it had served for a while. */
  void died(Duration errRespawnInterval, Instant now) {
    earlyDeaths = 0;
    notBefore = now.plus(errRespawnInterval);
  }

  /** A child finishes its calls, though nobody asked it to go. A longer pause stays. */
  void leaves(Duration errRespawnInterval, Instant now) {
    notBefore = Comparators.max(notBefore, now.plus(errRespawnInterval));
  }

  /** A child ended as it was asked to. */
  void ended() {
    notBefore = Instant.MIN;
  }

  /** A child has served for a while. */
  void served() {
    earlyDeaths = 0;
  }
}
