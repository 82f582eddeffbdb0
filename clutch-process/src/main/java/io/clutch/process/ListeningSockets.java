package io.clutch.process;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.base.Throwables;
import com.google.common.collect.ImmutableList;
import com.google.common.net.InetAddresses;
import io.clutch.protocol.ServerAddress;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sockets that listen: bound here, or inherited. Accepts only while told so: else connections wait
 * in the kernel's backlog. Thread-safe.
 */
public final class ListeningSockets {

  private static final Logger log = LoggerFactory.getLogger(ListeningSockets.class);

  /** After an error, such as too many open files, which the next attempt would meet too. */
  private static final long PAUSE_AFTER_ERROR_MILLIS = 500;

  private final List<Channel> channels = new ArrayList<>();

  /** Written before this is published. */
  private ImmutableList<String> addresses = ImmutableList.of();

  private volatile boolean accepting;
  private volatile Consumer<Channel> handler =
      unregistered -> unregistered.unsafe().closeForcibly();

  private ListeningSockets() {}

  /**
   * Listens, without accepting yet.
   *
   * @param addresses those to bind
   * @param inherited those that listen already
   * @throws IOException where that fails; the message names the address
   */
  public static ListeningSockets open(
      ImmutableList<ServerAddress> addresses,
      ImmutableList<InheritedSocket> inherited,
      EventLoopGroup loops)
      throws IOException {
    ListeningSockets sockets = new ListeningSockets();
    Acceptor acceptor = sockets.new Acceptor();
    try {
      for (InheritedSocket socket : inherited) {
        sockets.register(Descriptors.listener(socket), acceptor, loops);
      }
      for (ServerAddress address : addresses) {
        sockets.bind(address, acceptor, loops);
      }
      sockets.addresses =
          sockets.channels.stream().map(ListeningSockets::address).collect(toImmutableList());
      return sockets;
    } catch (IOException e) {
      sockets.close();
      throw e;
    }
  }

  private Channel register(Channel channel, Acceptor acceptor, EventLoopGroup loops)
      throws IOException {
    channel.config().setAutoRead(false);
    channel.pipeline().addLast(acceptor);
    if (!loops.register(channel).awaitUninterruptibly().isSuccess()) {
      channel.unsafe().closeForcibly();
      throw new IOException("cannot register a socket");
    }
    channels.add(channel);
    return channel;
  }

  private void bind(ServerAddress address, Acceptor acceptor, EventLoopGroup loops)
      throws IOException {
    InetSocketAddress socketAddress = new InetSocketAddress(address.host(), address.port());
    if (socketAddress.isUnresolved()) {
      throw new IOException("cannot listen on %s: unknown host".formatted(address));
    }
    EpollServerSocketChannel channel = new EpollServerSocketChannel();
    channel.config().setReuseAddress(true);
    var bound = register(channel, acceptor, loops).bind(socketAddress).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "cannot listen on %s: %s"
              .formatted(address, Throwables.getRootCause(bound.cause()).getMessage()),
          bound.cause());
    }
  }

  /** Where it listens, with the real ports: {@code host:port}, or a path. */
  public ImmutableList<String> addresses() {
    return addresses;
  }

  private static String address(Channel channel) {
    if (channel.localAddress() instanceof InetSocketAddress inet) {
      return new ServerAddress(InetAddresses.toAddrString(inet.getAddress()), inet.getPort())
          .toString();
    }
    // The channel of a Unix-domain socket that was inherited does not know it.
    return new Socket(((UnixChannel) channel).fd().intValue()).localDomainSocketAddress().path();
  }

  /**
   * Whom to give connections, from now on.
   *
   * @param newHandler takes each of them, not yet registered, on a thread that must not block
   */
  public void handler(Consumer<Channel> newHandler) {
    handler = newHandler;
  }

  /** Begins, or ceases, to accept. */
  public void accept(boolean whether) {
    accepting = whether;
    // On its own thread, for elsewhere it ceases only after one more.
    channels.forEach(
        channel -> channel.eventLoop().execute(() -> channel.config().setAutoRead(accepting)));
  }

  /** Listens no more. */
  public void close() {
    accepting = false;
    channels.forEach(channel -> channel.close().awaitUninterruptibly());
  }

  /** Takes what was accepted; stands alone in the pipeline of each socket that listens. */
  @Sharable
  private final class Acceptor extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object connection) {
      handler.accept((Channel) connection);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      log.warn("cannot accept a connection: {}", cause.toString());
      context.channel().config().setAutoRead(false);
      var unused =
          context
              .executor()
              .schedule(
                  () -> {
                    if (accepting) {
                      context.channel().config().setAutoRead(true);
                    }
                  },
                  PAUSE_AFTER_ERROR_MILLIS,
                  TimeUnit.MILLISECONDS);
    }
  }
}
