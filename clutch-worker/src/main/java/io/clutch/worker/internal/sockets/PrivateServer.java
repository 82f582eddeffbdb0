package io.clutch.worker.internal.sockets;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.clutch.process.UnixSockets;
import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerTransportFilter;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A gRPC server that is given its connections: it is bound to a private Unix-domain socket, and
 * others enter it as if that socket had accepted them. Thread-safe.
 */
public final class PrivateServer {

  private final NettyServerBuilder builder;
  private final AtomicReference<@Nullable ServerChannel> channel = new AtomicReference<>();

  /** Set before the server is started. */
  private volatile @Nullable Network network;

  /**
   * Connections whose handshake is not done; the server would drop them at its shutdown. TCP
   * connections by their ends, by which gRPC knows them too; others by their channel.
   */
  @GuardedBy("this")
  private final Set<Object> unsettled = new HashSet<>();

  /** A TCP connection's addresses, of which there are no two alike at a time. */
  private record Ends(@Nullable SocketAddress local, @Nullable SocketAddress remote) {}

  /**
   * @param path of the private socket, which must be free
   */
  @SuppressWarnings("NullAway") // null takes an option back that Unix-domain sockets don't have
  public PrivateServer(Path path, EventLoopGroup loops) throws IOException {
    builder =
        UnixSockets.server(path, loops, this::newChannel)
            .withChildOption(ChannelOption.SO_KEEPALIVE, null)
            .addTransportFilter(new Settled());
  }

  private ServerChannel newChannel() {
    ServerChannel made = UnixSockets.listener();
    Network holds = network;
    if (holds != null) {
      holds.guard(made);
    }
    channel.set(made);
    return made;
  }

  /**
   * To be completed, built and started before anything is taken.
   *
   * @param holds for the connections that are taken
   */
  public NettyServerBuilder builder(Network holds) {
    network = holds;
    return holds.configure(builder);
  }

  /** Has the server serve an open connection. */
  public void take(Channel connection) {
    ServerChannel server = channel.get();
    if (server == null) {
      throw new IllegalStateException("the server is not started");
    }
    Object key = connection;
    if (connection.remoteAddress() instanceof InetSocketAddress remote) {
      key = new Ends(connection.localAddress(), remote);
      connection.config().setOption(ChannelOption.SO_KEEPALIVE, true);
    } else {
      connection.pipeline().addFirst(new SettleWhenActive());
    }
    begin(key, connection);
    UnixSockets.bring(server, connection);
  }

  private void begin(Object key, Channel connection) {
    synchronized (this) {
      unsettled.add(key);
    }
    connection.closeFuture().addListener(closed -> settle(key));
  }

  private synchronized void settle(Object key) {
    if (unsettled.remove(key)) {
      notifyAll();
    }
  }

  /** Waits until the server knows all it was given well enough to say good-bye to them. */
  public synchronized void awaitSettled(Duration atMost) throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    while (!unsettled.isEmpty()) {
      long millis = (end - System.nanoTime()) / 1_000_000;
      if (millis <= 0) {
        return;
      }
      wait(millis);
    }
  }

  private final class Settled extends ServerTransportFilter {
    @Override
    public Attributes transportReady(Attributes attributes) {
      settle(
          new Ends(
              attributes.get(Grpc.TRANSPORT_ATTR_LOCAL_ADDR),
              attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)));
      return attributes;
    }
  }

  /** For connections that gRPC cannot tell apart: it is done with the first steps when told. */
  private final class SettleWhenActive extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext context) {
      context.fireChannelActive();
      settle(context.channel());
      context.pipeline().remove(this);
    }
  }
}
