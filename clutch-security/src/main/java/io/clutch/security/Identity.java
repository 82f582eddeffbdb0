package io.clutch.security;

import com.google.common.collect.ImmutableSet;

/**
 * Who makes a call, as far as that was proved.
 *
 * @param names each with its kind in front: {@code token:web} for a token of that name, {@code
 *     dns:web.example}, {@code uri:spiffe://example/web}, {@code email:…} and {@code ip:…} for the
 *     subject alternative names of a client's certificate, {@code subject:CN=web} for one that has
 *     none; empty where nothing was proved
 */
public record Identity(ImmutableSet<String> names) {

  /** Of a caller who proved nothing. */
  public static final Identity ANONYMOUS = new Identity(ImmutableSet.of());

  /** Whether nothing was proved. */
  public boolean isAnonymous() {
    return names.isEmpty();
  }

  /** For logs and messages. */
  @Override
  public String toString() {
    return isAnonymous() ? "anonymous" : String.join(", ", names);
  }
}
