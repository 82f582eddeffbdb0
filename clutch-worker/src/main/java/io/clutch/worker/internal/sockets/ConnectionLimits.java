package io.clutch.worker.internal.sockets;

import static com.google.common.base.Preconditions.checkArgument;

import io.clutch.protocol.Durations;
import java.time.Duration;

/**
 * What connections may take. {@code Worker.Builder} describes each.
 *
 * @param maxConnections open at a time
 * @param maxCallsPerConnection under way at a time
 * @param maxHeaderSize of one call, in bytes
 * @param connectionTimeout until a connection is set up
 * @param maxConnectionIdle until one without calls is closed; 0 is never
 */
public record ConnectionLimits(
    int maxConnections,
    int maxCallsPerConnection,
    int maxHeaderSize,
    Duration connectionTimeout,
    Duration maxConnectionIdle) {

  // In front of the default, which they must let pass.
  private static final int SMALLEST_HEADERS = 1024;
  private static final Duration SHORTEST_TIMEOUT = Duration.ofMillis(1);

  /** Those that hold where nothing is said. */
  public static final ConnectionLimits DEFAULT =
      new ConnectionLimits(1_000, 1_000, 8 * 1024, Duration.ofSeconds(10), Duration.ofHours(1));

  /** Checks the numbers. */
  public ConnectionLimits {
    checkArgument(maxConnections >= 1, "maxConnections is %s: want 1 or more", maxConnections);
    checkArgument(
        maxCallsPerConnection >= 1,
        "maxCallsPerConnection is %s: want 1 or more",
        maxCallsPerConnection);
    checkArgument(
        maxHeaderSize >= SMALLEST_HEADERS,
        "maxHeaderSize is %s: want %s or more",
        maxHeaderSize,
        SMALLEST_HEADERS);
    checkArgument(
        connectionTimeout.compareTo(SHORTEST_TIMEOUT) >= 0
            && connectionTimeout.compareTo(Durations.LONGEST) <= 0,
        "connectionTimeout is %s: want 1 ms to 100 years",
        connectionTimeout);
    checkArgument(
        maxConnectionIdle.isZero()
            || (maxConnectionIdle.compareTo(Duration.ofSeconds(1)) >= 0
                && maxConnectionIdle.compareTo(Durations.LONGEST) <= 0),
        "maxConnectionIdle is %s: want 0 (no limit), or 1 s to 100 years",
        maxConnectionIdle);
  }
}
