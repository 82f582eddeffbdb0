package io.clutch.client;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before a call is repeated: at random between nothing and a bound that doubles
 * with each attempt ("full jitter", as described in Exponential Backoff And Jitter, M. Brooker
 * 2015).
 */
final class Backoff {

  private static final Duration FIRST_BOUND = Duration.ofMillis(10);
  private static final Duration LAST_BOUND = Duration.ofSeconds(1);

  private Backoff() {}

  /**
   * The pause after attempt number {@code attempt}.
   *
   * @param attempt from 1
   * @param atLeast what the worker asked for
   */
  static Duration after(int attempt, Duration atLeast, RandomGenerator random) {
    int doublings = Math.min(attempt - 1, 20);
    long bound = Math.min(FIRST_BOUND.toNanos() << doublings, LAST_BOUND.toNanos());
    return atLeast.plusNanos(random.nextLong(bound + 1));
  }
}
