package io.clutch.client;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.collect.ImmutableList;
import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.Status;
import io.grpc.StatusOr;
import io.netty.channel.unix.DomainSocketAddress;

/**
 * Lets gRPC resolve {@code clutch-unix:///path,/path}: paths of sockets, a server each. Found by
 * {@link java.util.ServiceLoader}.
 */
public final class UnixServersResolverProvider extends ListResolverProvider {

  static final String SCHEME = "clutch-unix";

  /** For {@link java.util.ServiceLoader}. */
  public UnixServersResolverProvider() {
    super(SCHEME, DomainSocketAddress.class);
  }

  @Override
  NameResolver newNameResolver(ImmutableList<String> servers, NameResolver.Args args) {
    return new Resolver(
        servers.stream()
            .map(path -> new EquivalentAddressGroup(new DomainSocketAddress(path)))
            .collect(toImmutableList()));
  }

  /** There is nothing to look up. */
  private static final class Resolver extends NameResolver {
    private final ImmutableList<EquivalentAddressGroup> servers;

    private Resolver(ImmutableList<EquivalentAddressGroup> servers) {
      this.servers = servers;
    }

    @Override
    public String getServiceAuthority() {
      return "localhost";
    }

    @Override
    public void start(Listener2 listener) {
      Status unused =
          listener.onResult2(
              ResolutionResult.newBuilder()
                  .setAddressesOrError(StatusOr.fromValue(servers))
                  .build());
    }

    @Override
    public void shutdown() {}
  }
}
