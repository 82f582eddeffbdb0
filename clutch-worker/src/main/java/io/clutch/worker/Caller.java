package io.clutch.worker;

import com.google.common.base.CharMatcher;
import com.google.common.collect.ImmutableMap;
import io.clutch.security.Credentials;
import io.clutch.security.Identity;
import io.grpc.Context;
import io.grpc.Metadata;
import java.net.SocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who makes a call, as the network knows it.
 *
 * @param peer where it comes from; null where that is not known
 * @param metadata what it sent along, but for what is secret; not changed any more
 * @param credentials by which to know it
 * @param proved what it proved to a sibling that is believed; null where it is to prove it here
 */
record Caller(
    @Nullable SocketAddress peer,
    Metadata metadata,
    Credentials credentials,
    @Nullable Identity proved) {

  /** What gRPC takes for a name; HTTP/2 lets others through. */
  private static final CharMatcher LEGAL =
      CharMatcher.inRange('a', 'z').or(CharMatcher.inRange('0', '9')).or(CharMatcher.anyOf("-_."));

  /** One that is to prove here who it is. */
  Caller(@Nullable SocketAddress peer, Metadata metadata, Credentials credentials) {
    this(peer, metadata, credentials, null);
  }

  /** The caller of the RPC that this thread handles. */
  static final Context.Key<Caller> CURRENT =
      Context.keyWithDefault("clutch-caller", new Caller(null, new Metadata(), Credentials.NONE));

  /** The ASCII headers that are the caller's own, not the transport's; repeated ones joined. */
  ImmutableMap<String, String> headers() {
    Map<String, String> headers = new LinkedHashMap<>();
    for (String name : metadata.keys()) {
      if (isOwn(name) && LEGAL.matchesAllOf(name)) {
        Metadata.Key<String> key = Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
        Iterable<String> values = metadata.getAll(key);
        if (values != null) {
          headers.put(name, String.join(",", values));
        }
      }
    }
    return ImmutableMap.copyOf(headers);
  }

  private static boolean isOwn(String name) {
    return !name.endsWith(Metadata.BINARY_HEADER_SUFFIX)
        && !name.startsWith("grpc-")
        && !name.equals("user-agent")
        && !name.equals("content-type")
        && !name.equals("te");
  }
}
