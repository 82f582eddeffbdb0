package io.clutch.client.internal.balance;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait after one failure more: at random in the upper half of a bound that doubles each
 * time, so that clients that failed together don't come back together.
 *
 * @param first the first bound
 * @param last the largest bound
 */
record Pauses(Duration first, Duration last) {

  /**
   * The pause after failure number {@code count}.
   *
   * @param count from 1
   */
  Duration after(int count, RandomGenerator random) {
    long bound = Math.min(first.toNanos() << Math.min(count - 1, 20), last.toNanos());
    return Duration.ofNanos(bound / 2 + random.nextLong(bound / 2 + 1));
  }
}
