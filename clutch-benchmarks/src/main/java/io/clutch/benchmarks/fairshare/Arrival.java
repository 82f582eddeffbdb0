package io.clutch.benchmarks.fairshare;

/**
 * A call that comes.
 *
 * @param dueNanos when, from the start on
 * @param millis how long its function sleeps
 * @param client which of the clients makes it, from 0
 */
record Arrival(long dueNanos, int millis, int client) {

  boolean isShort() {
    return millis == Arrivals.SHORT_MILLIS;
  }

  long serviceNanos() {
    return millis * 1_000_000L;
  }
}
