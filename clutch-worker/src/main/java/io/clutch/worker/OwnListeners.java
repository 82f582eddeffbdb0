package io.clutch.worker;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.collect.ImmutableList;
import com.google.common.net.InetAddresses;
import io.clutch.protocol.ServerAddress;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;

/** The server listens itself, on the worker's addresses. */
final class OwnListeners implements ConnectionSource {

  private final ImmutableList<ServerAddress> wanted;

  /** Written before the worker is published. */
  private ImmutableList<String> addresses = ImmutableList.of();

  /**
   * @throws IOException where the name of a host is not known
   */
  OwnListeners(ImmutableList<ServerAddress> wanted) throws IOException {
    for (ServerAddress address : wanted) {
      if (bindAddress(address).isUnresolved()) {
        throw new IOException("cannot listen on %s: unknown host".formatted(address));
      }
    }
    this.wanted = wanted;
  }

  @Override
  public NettyServerBuilder builder() {
    NettyServerBuilder builder = NettyServerBuilder.forAddress(bindAddress(wanted.get(0)));
    wanted.stream().skip(1).forEach(address -> builder.addListenAddress(bindAddress(address)));
    return builder;
  }

  @Override
  public void open(Server server) {
    addresses =
        server.getListenSockets().stream()
            .map(socket -> text((InetSocketAddress) socket))
            .collect(toImmutableList());
  }

  @Override
  public ImmutableList<String> addresses() {
    return addresses;
  }

  @Override
  public void close(Duration atMost) {
    // The server closes its listening sockets when it is shut down.
  }

  @Override
  public void release() {}

  /** An address that is bound, as people write it. */
  static String text(InetSocketAddress socket) {
    return new ServerAddress(InetAddresses.toAddrString(socket.getAddress()), socket.getPort())
        .toString();
  }

  private static InetSocketAddress bindAddress(ServerAddress address) {
    return new InetSocketAddress(address.host(), address.port());
  }
}
