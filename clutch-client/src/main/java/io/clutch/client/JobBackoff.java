package io.clutch.client;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.Comparators;
import io.clutch.protocol.Durations;
import java.time.Duration;

/**
 * The pauses between the attempts of a job: the first one, and each so many times as long as the
 * one before, up to the longest.
 *
 * @param initial the first one; 0 or more, at most 100 years
 * @param multiplier 1 or more
 * @param max the longest; at least {@code initial}, at most 100 years
 */
public record JobBackoff(Duration initial, double multiplier, Duration max) {

  /** 1 s, then twice as long each time, up to 1 h. */
  public static final JobBackoff DEFAULT =
      new JobBackoff(Duration.ofSeconds(1), 2, Duration.ofHours(1));

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException where one is not legal; the message names it
   */
  public JobBackoff {
    checkArgument(
        !initial.isNegative() && initial.compareTo(Durations.LONGEST) <= 0,
        "backoff's initial is %s: want 0 or more, at most 100 years",
        initial);
    checkArgument(
        multiplier >= 1 && multiplier <= Double.MAX_VALUE,
        "backoff's multiplier is %s: want 1 or more",
        multiplier);
    checkArgument(
        max.compareTo(initial) >= 0 && max.compareTo(Durations.LONGEST) <= 0,
        "backoff's max is %s: want initial, which is %s, or more, at most 100 years",
        max,
        initial);
  }

  /** A first pause of {@code initial}; the rest as in {@link #DEFAULT}, but never shorter. */
  public static JobBackoff of(Duration initial) {
    return new JobBackoff(initial, DEFAULT.multiplier(), Comparators.max(initial, DEFAULT.max()));
  }
}
