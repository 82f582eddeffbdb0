package io.clutch.worker;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.collect.ImmutableList;
import com.google.common.net.InetAddresses;
import io.clutch.process.UnixSockets;
import io.clutch.protocol.ServerAddress;
import io.clutch.worker.internal.sockets.Network;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The server listens itself, on the worker's addresses. */
final class OwnListeners implements ConnectionSource {

  private static final boolean IS_LINUX = Epoll.isAvailable();

  private final ImmutableList<ServerAddress> wanted;

  /** Null before there is a server. */
  private @Nullable EventLoopGroup loops;

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
  public NettyServerBuilder builder(Network network) {
    EventLoopGroup threads =
        new MultiThreadIoEventLoopGroup(
            Runtime.getRuntime().availableProcessors(),
            new DefaultThreadFactory("clutch-network", true),
            IS_LINUX ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    loops = threads;
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(bindAddress(wanted.get(0)))
            .channelFactory(() -> newChannel(network))
            .bossEventLoopGroup(threads)
            .workerEventLoopGroup(threads);
    wanted.stream().skip(1).forEach(address -> builder.addListenAddress(bindAddress(address)));
    return network.configure(builder);
  }

  private static ServerChannel newChannel(Network network) {
    ServerChannel channel =
        IS_LINUX ? new EpollServerSocketChannel() : new NioServerSocketChannel();
    network.guard(channel);
    return channel;
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
  public void release() {
    if (loops != null) {
      UnixSockets.stop(loops);
    }
  }

  /** An address that is bound, as people write it. */
  static String text(InetSocketAddress socket) {
    return new ServerAddress(InetAddresses.toAddrString(socket.getAddress()), socket.getPort())
        .toString();
  }

  private static InetSocketAddress bindAddress(ServerAddress address) {
    return new InetSocketAddress(address.host(), address.port());
  }
}
