package io.clutch.client;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.stream.Collectors.joining;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import io.clutch.protocol.ServerAddress;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Where the workers are.
 *
 * @param text as people wrote it
 * @param uri as gRPC reads it
 */
record Target(String text, String uri) {

  /** A scheme in front: {@code dns:///jobs:9501}, {@code unix:/run/jobs}, {@code xds:///jobs}. */
  private static final Pattern GRPC_TARGET = Pattern.compile("(dns|unix|xds|clutch):.+|\\w+:/.*");

  /**
   * Reads a list of {@code host:port}, or one gRPC target. Elements may hold several, separated by
   * commas.
   *
   * @throws IllegalArgumentException where it is neither; the message names what is wrong
   */
  static Target parse(List<String> servers) {
    ImmutableList<String> parts =
        servers.stream()
            .flatMap(Splitter.on(',').trimResults().omitEmptyStrings()::splitToStream)
            .collect(ImmutableList.toImmutableList());
    checkArgument(!parts.isEmpty(), "servers is empty: want at least one host:port");
    String text = String.join(",", parts);
    if (parts.stream().anyMatch(part -> GRPC_TARGET.matcher(part).matches())) {
      checkArgument(
          parts.size() == 1,
          "servers is '%s': want either a list of host:port or a single gRPC target",
          text);
      return new Target(text, text);
    }
    String list =
        parts.stream().map(ServerAddress::parse).map(ServerAddress::toString).collect(joining(","));
    return new Target(list, ServerListResolver.uri(list));
  }
}
