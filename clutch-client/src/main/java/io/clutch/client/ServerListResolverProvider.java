package io.clutch.client;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import io.clutch.protocol.ServerAddress;
import io.grpc.NameResolver;
import io.grpc.NameResolverProvider;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lets gRPC resolve {@code clutch:///host:port,host:port}. Found by {@link
 * java.util.ServiceLoader}.
 */
public final class ServerListResolverProvider extends NameResolverProvider {

  static final String SCHEME = "clutch";

  @Override
  protected boolean isAvailable() {
    return true;
  }

  @Override
  protected int priority() {
    return 5;
  }

  @Override
  public String getDefaultScheme() {
    return SCHEME;
  }

  @Override
  public Collection<Class<? extends SocketAddress>> getProducedSocketAddressTypes() {
    return List.of(InetSocketAddress.class);
  }

  @Override
  public @Nullable NameResolver newNameResolver(URI target, NameResolver.Args args) {
    if (!SCHEME.equals(target.getScheme()) || target.getPath() == null) {
      return null;
    }
    ImmutableList<ServerAddress> servers =
        Splitter.on(',')
            .omitEmptyStrings()
            .splitToStream(target.getPath().replaceFirst("^/", ""))
            .map(ServerAddress::parse)
            .collect(ImmutableList.toImmutableList());
    return new ServerListResolver(servers, args);
  }
}
