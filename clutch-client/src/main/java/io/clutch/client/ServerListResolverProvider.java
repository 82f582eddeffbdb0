package io.clutch.client;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.collect.ImmutableList;
import io.clutch.protocol.ServerAddress;
import io.grpc.NameResolver;
import java.net.InetSocketAddress;

/**
 * Lets gRPC resolve {@code clutch:///host:port,host:port}. Found by {@link
 * java.util.ServiceLoader}.
 */
public final class ServerListResolverProvider extends ListResolverProvider {

  static final String SCHEME = "clutch";

  /** For {@link java.util.ServiceLoader}. */
  public ServerListResolverProvider() {
    super(SCHEME, InetSocketAddress.class);
  }

  @Override
  NameResolver newNameResolver(ImmutableList<String> servers, NameResolver.Args args) {
    return new ServerListResolver(
        servers.stream().map(ServerAddress::parse).collect(toImmutableList()), args);
  }
}
