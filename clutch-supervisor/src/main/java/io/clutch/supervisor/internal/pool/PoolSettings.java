package io.clutch.supervisor.internal.pool;

import static com.google.common.base.Preconditions.checkArgument;

import io.clutch.protocol.Durations;
import java.time.Duration;

/**
 * How the pool is kept. {@code io.clutch.supervisor.Supervisor.Builder} describes each.
 *
 * @param maxRequests 0 is without limit
 * @param maxRequestsJitter at most so many fewer, by chance
 * @param maxMemory in bytes; 0 is without limit
 * @param maxLifetime zero is without limit
 */
public record PoolSettings(
    int maxWorkers,
    Duration spawnInterval,
    Duration errRespawnInterval,
    Duration bootTimeout,
    Duration heartbeatTimeout,
    Duration gracefulTimeout,
    Duration killGrace,
    long maxRequests,
    long maxRequestsJitter,
    long maxMemory,
    Duration maxLifetime) {

  /** More processes than this on one machine are a mistake. */
  public static final int MOST_WORKERS = 10_000;

  /** Checks them; messages name the option, its value and what is legal. */
  public PoolSettings {
    checkWorkers(maxWorkers);
    checkNotNegative("spawn-interval", spawnInterval);
    checkNotNegative("err-respawn-interval", errRespawnInterval);
    checkPositive("boot-timeout", bootTimeout);
    checkPositive("heartbeat-timeout", heartbeatTimeout);
    checkNotNegative("graceful-timeout", gracefulTimeout);
    checkNotNegative("kill-grace", killGrace);
    checkArgument(
        maxRequests >= 0, "max-requests-per-child is %s: want 0 (no limit) or more", maxRequests);
    checkArgument(
        maxRequestsJitter == 0 || (maxRequestsJitter > 0 && maxRequestsJitter < maxRequests),
        "max-requests-jitter is %s: want 0 or more, and less than max-requests-per-child (%s)",
        maxRequestsJitter,
        maxRequests);
    checkArgument(
        maxMemory >= 0, "max-memory-per-child is %s: want 0 (no limit) or more", maxMemory);
    checkNotNegative("max-lifetime-per-child", maxLifetime);
  }

  /** A number of children that a pool can have. */
  public static int checkWorkers(int workers) {
    checkArgument(
        workers >= 1 && workers <= MOST_WORKERS,
        "max-workers is %s: want from 1 to %s",
        workers,
        MOST_WORKERS);
    return workers;
  }

  private static void checkNotNegative(String option, Duration value) {
    checkArgument(
        !value.isNegative() && value.compareTo(Durations.LONGEST) <= 0,
        "%s is %s: want 0 or more, at most 100 years",
        option,
        value);
  }

  private static void checkPositive(String option, Duration value) {
    checkArgument(
        value.compareTo(Duration.ZERO) > 0 && value.compareTo(Durations.LONGEST) <= 0,
        "%s is %s: want more than 0, at most 100 years",
        option,
        value);
  }
}
