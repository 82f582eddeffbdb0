package io.clutch.client;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import java.net.SocketAddress;
import java.net.URI;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lets gRPC resolve {@code scheme:///SERVER,SERVER}. */
abstract class ListResolverProvider extends NameResolverProvider {

  private final String scheme;
  private final Class<? extends SocketAddress> addressType;

  ListResolverProvider(String scheme, Class<? extends SocketAddress> addressType) {
    this.scheme = scheme;
    this.addressType = addressType;
  }

  /**
   * A resolver.
   *
   * @param servers what stands in the path, without the slash in front
   */
  abstract NameResolver newNameResolver(ImmutableList<String> servers, NameResolver.Args args);

  @Override
  protected boolean isAvailable() {
    return true;
  }

  @Override
  protected int priority() {
    // Below that of dns, which is to stay the scheme of other channels' targets without one.
    return 4;
  }

  @Override
  public String getDefaultScheme() {
    return scheme;
  }

  @Override
  public Collection<Class<? extends SocketAddress>> getProducedSocketAddressTypes() {
    return List.of(addressType);
  }

  @Override
  public @Nullable NameResolver newNameResolver(URI target, NameResolver.Args args) {
    if (!scheme.equals(target.getScheme()) || target.getPath() == null) {
      return null;
    }
    return newNameResolver(
        ImmutableList.copyOf(
            Splitter.on(',').omitEmptyStrings().split(target.getPath().replaceFirst("^/", ""))),
        args);
  }
}
