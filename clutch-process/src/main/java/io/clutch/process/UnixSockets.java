package io.clutch.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Unix-domain sockets that only this process's user, and root, may speak to. Linux only. */
public final class UnixSockets {

  private static final Logger log = LoggerFactory.getLogger(UnixSockets.class);

  private static final int ROOT = 0;

  /** What Linux has room for in a socket's address, in bytes, with a zero behind it. */
  private static final int LONGEST_PATH = 107;

  private UnixSockets() {}

  /** Threads for the network, as daemons. */
  public static EventLoopGroup eventLoops(String name, int threads) {
    return new MultiThreadIoEventLoopGroup(
        threads, new DefaultThreadFactory(name, true), EpollIoHandler.newFactory());
  }

  /**
   * An address for a path.
   *
   * @throws IOException where the path is longer than the system allows for a socket
   */
  public static DomainSocketAddress address(Path path) throws IOException {
    String text = path.toAbsolutePath().toString();
    if (text.getBytes(UTF_8).length > LONGEST_PATH) {
      throw new IOException(
          "the path '%s' is too long for a socket: the system allows %d bytes"
              .formatted(text, LONGEST_PATH));
    }
    return new DomainSocketAddress(text);
  }

  /** A gRPC channel to a server at a path. */
  @SuppressWarnings("NullAway") // null takes an option back that gRPC sets for TCP's sake
  public static ManagedChannel channel(Path path, EventLoopGroup loops) throws IOException {
    return NettyChannelBuilder.forAddress(address(path))
        .channelType(EpollDomainSocketChannel.class, DomainSocketAddress.class)
        .eventLoopGroup(loops)
        .withOption(ChannelOption.SO_KEEPALIVE, null)
        .usePlaintext()
        // Thread dumps are large.
        .maxInboundMessageSize(64 * 1024 * 1024)
        // And so are the last lines of a child, which errors tell.
        .maxInboundMetadataSize(128 * 1024)
        .directExecutor()
        // There is no name to resolve and no proxy on the way.
        .proxyDetector(address -> null)
        .overrideAuthority("localhost")
        .build();
  }

  /** A gRPC server at a path, which must be free. */
  @SuppressWarnings("NullAway") // as above
  public static NettyServerBuilder server(Path path, EventLoopGroup loops) throws IOException {
    return server(path, loops, UnixSockets::listener)
        .withChildOption(ChannelOption.SO_KEEPALIVE, null);
  }

  /** A gRPC server at a path, which must be free, over a channel that {@code listener} gives. */
  public static NettyServerBuilder server(
      Path path, EventLoopGroup loops, Supplier<? extends ServerChannel> listener)
      throws IOException {
    return NettyServerBuilder.forAddress(address(path))
        .channelFactory(listener::get)
        .bossEventLoopGroup(loops)
        .workerEventLoopGroup(loops)
        .directExecutor();
  }

  /** A channel to listen on, that drops the connections of other users. */
  public static EpollServerDomainSocketChannel listener() {
    EpollServerDomainSocketChannel channel = new EpollServerDomainSocketChannel();
    channel.pipeline().addFirst(new OwnUserOnly());
    return channel;
  }

  /**
   * Has whoever accepts the connections of a {@link #listener} serve one that came another way.
   *
   * @param connection not yet registered; from whichever user
   */
  public static void bring(ServerChannel listener, Channel connection) {
    listener
        .eventLoop()
        .execute(() -> listener.pipeline().context(OwnUserOnly.class).fireChannelRead(connection));
  }

  /** Stops the threads of {@link #eventLoops}; waits until they are done. */
  public static void stop(EventLoopGroup loops) {
    boolean unused =
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
  }

  /** The number of the user that this process runs as. */
  public static int ownUser() {
    try {
      return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** In front of what accepts connections. */
  private static final class OwnUserOnly extends ChannelInboundHandlerAdapter {
    private final int user = ownUser();

    @Override
    public void channelRead(ChannelHandlerContext context, Object accepted) {
      EpollDomainSocketChannel connection = (EpollDomainSocketChannel) accepted;
      if (isAllowed(connection)) {
        context.fireChannelRead(connection);
      } else {
        connection.unsafe().closeForcibly();
      }
    }

    private boolean isAllowed(EpollDomainSocketChannel connection) {
      try {
        int peer = connection.peerCredentials().uid();
        if (peer == user || peer == ROOT) {
          return true;
        }
        log.warn("refused a connection of user {} to a socket of user {}", peer, user);
      } catch (IOException e) {
        log.warn("refused a connection whose user cannot be told: {}", e.toString());
      }
      return false;
    }
  }
}
