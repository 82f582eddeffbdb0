package io.clutch.worker.internal.sockets;

import com.google.common.base.Ascii;
import com.google.common.base.CharMatcher;
import com.google.common.base.Strings;
import com.google.common.base.Throwables;
import com.google.common.util.concurrent.RateLimiter;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * In front of what serves the connections of a listening socket: lets so many in at a time, and
 * closes those that are not set up in time. Where there is no room, one that is not set up yet goes
 * for the newcomer: connections that never say anything keep out nobody who does. Thread-safe.
 */
@Sharable
@SuppressWarnings("UnstableApiUsage") // RateLimiter is a beta of many years
final class ConnectionGate extends ChannelInboundHandlerAdapter {

  private static final Logger log = LoggerFactory.getLogger(ConnectionGate.class);

  /** What every client begins with: a preface and an empty SETTINGS frame (RFC 9113, 3.4). */
  private static final int SHORTEST_BEGINNING = 24 + 9;

  /** What whoever knocks can have written in a second. */
  private static final double LINES_PER_SECOND = 2;

  private static final int LONGEST = 300;

  private final int maxConnections;
  private final Duration connectionTimeout;
  private final boolean isTls;
  private final RateLimiter lines = RateLimiter.create(LINES_PER_SECOND);

  @GuardedBy("this")
  private int open;

  /** Those that are not set up, the oldest first. */
  @GuardedBy("this")
  private final Set<Channel> beginners = new LinkedHashSet<>();

  /**
   * @param isTls whether a handshake comes first
   */
  ConnectionGate(int maxConnections, Duration connectionTimeout, boolean isTls) {
    this.maxConnections = maxConnections;
    this.connectionTimeout = connectionTimeout;
    this.isTls = isTls;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object accepted) {
    Channel connection = (Channel) accepted;
    if (admit()) {
      connection.pipeline().addFirst(new Beginning());
      connection.closeFuture().addListener(closed -> left(connection));
    } else {
      connection.pipeline().addFirst(new Refusal());
    }
    context.fireChannelRead(connection);
  }

  /** Whether there is room, or room was made. */
  private boolean admit() {
    Channel loser = null;
    synchronized (this) {
      if (open >= maxConnections) {
        Iterator<Channel> oldest = beginners.iterator();
        tellOfFullHouse();
        if (!oldest.hasNext()) {
          return false;
        }
        loser = oldest.next();
        oldest.remove();
      }
      // The loser counts until it is closed, which is next.
      open++;
    }
    if (loser != null) {
      var unused = loser.close();
    }
    return true;
  }

  /** Whoever may not come in because of a certificate must find out somewhere why. */
  private void tellOfFailure(@Nullable SocketAddress client, @Nullable Throwable failure) {
    if (failure != null && lines.tryAcquire()) {
      log.warn(
          "the TLS handshake with {} failed: {}", client, words(Throwables.getRootCause(failure)));
    }
  }

  /** What comes from outside, such as a dump of what is no TLS, may be long. */
  private static String words(Throwable failure) {
    if (failure instanceof ClosedChannelException) {
      return "the connection was closed";
    }
    String message = Strings.nullToEmpty(failure.getMessage());
    return message.isEmpty()
        ? failure.getClass().getSimpleName()
        : Ascii.truncate(CharMatcher.javaIsoControl().replaceFrom(message, '?'), LONGEST, "…");
  }

  @GuardedBy("this")
  private void tellOfFullHouse() {
    if (lines.tryAcquire()) {
      log.warn(
          "{} connections are open, which is the limit (maxConnections); {} of them are not set up"
              + " yet and give way to new ones",
          maxConnections,
          beginners.size());
    }
  }

  private synchronized void begun(Channel connection) {
    beginners.add(connection);
  }

  private synchronized void setUp(Channel connection) {
    beginners.remove(connection);
  }

  private synchronized void left(Channel connection) {
    open--;
    beginners.remove(connection);
  }

  /** How many are open. */
  synchronized int open() {
    return open;
  }

  /** Waits for the first words of a client, in front of all else that reads them. */
  private final class Beginning extends ChannelInboundHandlerAdapter {
    private long bytes;
    private boolean hearsOfHandshake;
    private @Nullable Future<?> limit;

    @Override
    public void channelActive(ChannelHandlerContext context) {
      begun(context.channel());
      limit =
          context
              .executor()
              .schedule(() -> giveUp(context), connectionTimeout.toNanos(), TimeUnit.NANOSECONDS);
      context.fireChannelActive();
    }

    private void giveUp(ChannelHandlerContext context) {
      if (!context.isRemoved()) {
        log.debug(
            "closed a connection from {} that was not set up within {}",
            context.channel().remoteAddress(),
            connectionTimeout);
        var unused = context.close();
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      boolean isOver = isOver(context, message);
      context.fireChannelRead(message);
      if (isOver) {
        stopWaiting();
        setUp(context.channel());
        context.pipeline().remove(this);
      }
    }

    /**
     * With TLS: when something comes after the handshake, as it does when a client answers the
     * server's settings.
     */
    private boolean isOver(ChannelHandlerContext context, Object message) {
      if (isTls) {
        return isHandshakeOver(context);
      }
      bytes += ((ByteBuf) message).readableBytes();
      return bytes >= SHORTEST_BEGINNING;
    }

    private boolean isHandshakeOver(ChannelHandlerContext context) {
      SslHandler tls = context.pipeline().get(SslHandler.class);
      if (tls == null) {
        return false;
      }
      if (!hearsOfHandshake) {
        hearsOfHandshake = true;
        // When it is closed, it does not know any more.
        SocketAddress client = context.channel().remoteAddress();
        tls.handshakeFuture().addListener(ended -> tellOfFailure(client, ended.cause()));
      }
      return tls.handshakeFuture().isSuccess();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      stopWaiting();
      context.fireChannelInactive();
    }

    private void stopWaiting() {
      Future<?> waiting = limit;
      if (waiting != null) {
        waiting.cancel(false);
      }
    }
  }

  /** There is no room. */
  private static final class Refusal extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext context) {
      var unused = context.close();
    }
  }
}
