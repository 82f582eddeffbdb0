package io.clutch.client;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.collect.ImmutableList.toImmutableList;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import io.clutch.protocol.ServerAddress;
import io.grpc.NameResolverRegistry;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Where the workers are.
 *
 * @param text as people wrote it
 * @param uri as gRPC reads it
 * @param isUnix whether they are Unix-domain sockets
 */
record Target(String text, String uri, boolean isUnix) {

  /** A scheme in front: {@code dns:///jobs:9501}, {@code xds:///jobs}. */
  private static final Pattern GRPC_TARGET =
      Pattern.compile("(dns|xds|clutch):(?!\\d+$).+|\\w+:/.*");

  /** A path: {@code unix:/run/jobs}, {@code unix:jobs}, {@code unix:///run/jobs}. */
  private static final Pattern UNIX = Pattern.compile("unix:(?://(?=/))?(.+)");

  /** What Linux has room for in a socket's address, in bytes, with a zero behind it. */
  private static final int LONGEST_PATH = 107;

  /**
   * Reads a list of {@code host:port}, or of {@code unix:PATH}, or one gRPC target. Elements may
   * hold several, separated by commas.
   *
   * @throws IllegalArgumentException where it is none of them; the message names what is wrong
   */
  static Target parse(List<String> servers) {
    ImmutableList<String> parts =
        servers.stream()
            .flatMap(Splitter.on(',').trimResults().omitEmptyStrings()::splitToStream)
            .collect(toImmutableList());
    checkArgument(!parts.isEmpty(), "servers is empty: want at least one host:port");
    String text = String.join(",", parts);
    if (parts.stream().anyMatch(part -> UNIX.matcher(part).matches())) {
      checkArgument(
          parts.stream().allMatch(part -> UNIX.matcher(part).matches()),
          "servers is '%s': want either unix:PATH for all of them or for none",
          text);
      return new Target(
          text,
          uri(
              UnixServersResolverProvider.SCHEME,
              "/" + parts.stream().map(Target::path).collect(joining(","))),
          true);
    }
    if (parts.stream().anyMatch(part -> GRPC_TARGET.matcher(part).matches())) {
      checkArgument(
          parts.size() == 1,
          "servers is '%s': want either a list of host:port or a single gRPC target",
          text);
      return new Target(text, text, false);
    }
    String list =
        parts.stream().map(ServerAddress::parse).map(ServerAddress::toString).collect(joining(","));
    return new Target(list, uri(ServerListResolverProvider.SCHEME, "/" + list), false);
  }

  private static String path(String server) {
    try {
      String path = Path.of(UNIX.matcher(server).replaceFirst("$1")).toAbsolutePath().toString();
      checkArgument(
          path.getBytes(UTF_8).length <= LONGEST_PATH,
          "the path of '%s' is too long for a socket: the system allows %s bytes",
          server,
          LONGEST_PATH);
      return path;
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("'%s' has no path".formatted(server), e);
    }
  }

  private static String uri(String scheme, String path) {
    try {
      return new URI(scheme, "", path, null).toASCIIString();
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("'%s' is no list of servers".formatted(path), e);
    }
  }

  /**
   * Checks that gRPC can look it up. Resolvers are found on the class path, and a program may
   * register its own.
   *
   * @throws IllegalArgumentException where it cannot; the message says what is missing
   */
  void checkResolvable() {
    String scheme = uri.substring(0, uri.indexOf(':'));
    checkArgument(
        NameResolverRegistry.getDefaultRegistry().getProviderForScheme(scheme) != null,
        "servers is '%s': gRPC has no name resolver for the scheme '%s'; add %s to the class path",
        text,
        scheme,
        scheme.equalsIgnoreCase("xds") ? "io.grpc:grpc-xds" : "the one that brings it");
  }
}
