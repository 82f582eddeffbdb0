package io.clutch.client.internal.balance;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import io.clutch.protocol.Durations;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How connections are kept. Also the JSON that a service config or an xDS control plane gives the
 * policy: {@code {"connectionsPerServer": 4, "maxConnectionsPerServer": 64, "connectTimeout":
 * "5s"}}, each of which may be absent.
 *
 * @param connectionsPerServer from 1; 0 is as many as the server has processes
 * @param maxConnectionsPerServer what the server's number of processes is cut to, from 1
 * @param connectTimeout how long it may take until the process has said who it is
 */
public record BalanceConfig(
    int connectionsPerServer, int maxConnectionsPerServer, Duration connectTimeout) {

  /** As many connections as there are processes. */
  public static final int AUTO = 0;

  /** What holds where nothing is said. */
  public static final BalanceConfig DEFAULT = new BalanceConfig(AUTO, 64, Duration.ofSeconds(5));

  /** More is a mistake. */
  public static final int MOST_CONNECTIONS = 10_000;

  private static final String CONNECTIONS = "connectionsPerServer";
  private static final String MAX_CONNECTIONS = "maxConnectionsPerServer";
  private static final String CONNECT_TIMEOUT = "connectTimeout";
  private static final ImmutableSet<String> NAMES =
      ImmutableSet.of(CONNECTIONS, MAX_CONNECTIONS, CONNECT_TIMEOUT);

  /** Checks the values. */
  public BalanceConfig {
    checkArgument(
        connectionsPerServer >= 0 && connectionsPerServer <= MOST_CONNECTIONS,
        "connectionsPerServer is %s: want 1 to %s, or auto",
        connectionsPerServer,
        MOST_CONNECTIONS);
    checkArgument(
        maxConnectionsPerServer >= 1 && maxConnectionsPerServer <= MOST_CONNECTIONS,
        "maxConnectionsPerServer is %s: want 1 to %s",
        maxConnectionsPerServer,
        MOST_CONNECTIONS);
    checkConnectTimeout(connectTimeout);
  }

  /**
   * Checks one value.
   *
   * @throws IllegalArgumentException where it is not legal
   */
  public static void checkConnectTimeout(Duration connectTimeout) {
    checkArgument(
        connectTimeout.compareTo(Duration.ZERO) > 0
            && connectTimeout.compareTo(Durations.LONGEST) <= 0,
        "connectTimeout is %s: want more than 0 and at most 100 years",
        connectTimeout);
  }

  /**
   * Reads JSON, as gRPC represents it.
   *
   * @throws IllegalArgumentException where it does not make sense; the message says what
   */
  static BalanceConfig parse(Map<String, ?> json) {
    ImmutableSet<String> unknown = Sets.difference(json.keySet(), NAMES).immutableCopy();
    checkArgument(unknown.isEmpty(), "unknown: %s; known are %s", unknown, NAMES);
    return new BalanceConfig(
        "auto".equals(json.get(CONNECTIONS))
            ? AUTO
            : number(json, CONNECTIONS, DEFAULT.connectionsPerServer),
        number(json, MAX_CONNECTIONS, DEFAULT.maxConnectionsPerServer),
        duration(json.get(CONNECT_TIMEOUT)));
  }

  /** The JSON, as gRPC represents it. */
  public ImmutableMap<String, ?> toJson() {
    return ImmutableMap.of(
        CONNECTIONS,
        (double) connectionsPerServer,
        MAX_CONNECTIONS,
        (double) maxConnectionsPerServer,
        CONNECT_TIMEOUT,
        Durations.format(connectTimeout));
  }

  private static int number(Map<String, ?> json, String name, int absent) {
    Object value = json.get(name);
    if (value == null) {
      return absent;
    }
    checkArgument(
        value instanceof Double number && number == Math.rint(number),
        "%s is '%s': want a whole number",
        name,
        value);
    return ((Double) value).intValue();
  }

  private static Duration duration(@Nullable Object value) {
    if (value == null) {
      return DEFAULT.connectTimeout;
    }
    checkArgument(value instanceof String, "%s is '%s': want such as '5s'", CONNECT_TIMEOUT, value);
    return Durations.parse((String) value);
  }
}
