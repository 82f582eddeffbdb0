package io.clutch.worker.internal.sockets;

import io.clutch.process.Descriptors;
import io.clutch.process.UnixSockets;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.DomainSocketReadMode;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The socket over which the supervisor hands this process its connections: their descriptors, one
 * after another, until it ends the stream. Thread-safe.
 */
public final class DescriptorSocket {

  private static final Logger log = LoggerFactory.getLogger(DescriptorSocket.class);

  private final Consumer<Channel> taker;
  private final LongConsumer onClose;
  private final Channel listener;
  private final CountDownLatch end = new CountDownLatch(1);

  /**
   * Listens for the supervisor.
   *
   * @param taker takes each connection, not yet registered
   * @param onClose is told the number of each connection that has ended, from 1
   */
  public DescriptorSocket(
      Path path, EventLoopGroup loops, Consumer<Channel> taker, LongConsumer onClose)
      throws IOException {
    this.taker = taker;
    this.onClose = onClose;
    var bound =
        new ServerBootstrap()
            .group(loops)
            .channelFactory(UnixSockets::listener)
            .childHandler(new Initializer())
            .bind(UnixSockets.address(path))
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(
          "cannot listen on '%s': %s".formatted(path, bound.cause()), bound.cause());
    }
    listener = bound.channel();
  }

  /** Waits until the supervisor has ended the stream; false where that takes longer. */
  public boolean awaitEnd(Duration atMost) throws InterruptedException {
    return end.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Takes nothing any more. */
  public void close() {
    var unused = listener.close();
  }

  private final class Initializer extends ChannelInitializer<EpollDomainSocketChannel> {
    @Override
    protected void initChannel(EpollDomainSocketChannel channel) {
      channel.config().setReadMode(DomainSocketReadMode.FILE_DESCRIPTORS);
      channel.pipeline().addLast(new Receiver());
    }
  }

  private final class Receiver extends ChannelInboundHandlerAdapter {
    private long received;

    @Override
    public void channelRead(ChannelHandlerContext context, Object descriptor) {
      received++;
      long number = received;
      try {
        Channel connection = Descriptors.connection(((FileDescriptor) descriptor).intValue());
        if (!connection.isActive()) {
          // Its client has reset it already; nobody would ever close it.
          connection.unsafe().closeForcibly();
          onClose.accept(number);
          return;
        }
        connection.closeFuture().addListener(closed -> onClose.accept(number));
        taker.accept(connection);
      } catch (IOException e) {
        log.warn("a connection that the supervisor handed over cannot be used: {}", e.toString());
        onClose.accept(number);
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      end.countDown();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      log.warn("the socket over which connections come has failed: {}", cause.toString());
      var unused = context.close();
    }
  }
}
