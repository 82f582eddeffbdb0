package io.clutch.protocol;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.base.CharMatcher;
import com.google.common.net.HostAndPort;

/**
 * An address to listen on or to connect to, as people write it: {@code host:port}, an IPv6 address
 * in brackets ({@code [::1]:9501}).
 *
 * @param host a name or an address, without brackets
 * @param port from 0 to 65535; 0 lets the system choose one where it is listened on
 */
public record ServerAddress(String host, int port) {

  /** Checks the parts. */
  public ServerAddress {
    checkArgument(!host.isEmpty(), "the host is empty");
    checkArgument(
        CharMatcher.whitespace().matchesNoneOf(host), "the host has a space in it: '%s'", host);
    checkArgument(port >= 0 && port <= 65_535, "the port is not between 0 and 65535: %s", port);
  }

  /**
   * Reads an address.
   *
   * @throws IllegalArgumentException where it is none; the message names it and what is legal
   */
  public static ServerAddress parse(String text) {
    try {
      HostAndPort parsed = HostAndPort.fromString(text.strip()).requireBracketsForIPv6();
      checkArgument(parsed.hasPort(), "the port is missing");
      return new ServerAddress(parsed.getHost(), parsed.getPort());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'%s' is not an address: want host:port, such as 127.0.0.1:9501 or [::1]:9501 (%s)"
              .formatted(text, e.getMessage()),
          e);
    }
  }

  /** As people write it. */
  @Override
  public String toString() {
    return HostAndPort.fromParts(host, port).toString();
  }
}
