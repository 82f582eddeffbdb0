package io.clutch.client;

import com.google.common.util.concurrent.MoreExecutors;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import io.clutch.client.internal.stream.CallerThreads;
import io.clutch.client.internal.stream.StreamPool;
import io.clutch.client.internal.telemetry.CallTelemetry;
import io.clutch.protocol.TimeSource;
import io.clutch.security.ClientSecurity;
import io.grpc.Channel;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connections of one client, and its timer. Which connection a call takes is for a gRPC load
 * balancer to say. Thread-safe.
 */
final class Channels implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ClutchClient.class);

  /** What a message may carry beside its payload: names, ids, the envelope. */
  private static final int ENVELOPE_SIZE = 64 * 1024;

  /** The most that headers and trailers may take; errors travel there. */
  private static final int METADATA_SIZE = 64 * 1024;

  /**
   * gRPC waits longer and longer before it looks a name up again, and before it connects again
   * where the balance policy is one of its own. It is woken at most this often.
   */
  private static final Duration RECONNECT_INTERVAL = Duration.ofSeconds(1);

  /** A connection on which the other side does not answer for so long is given up. */
  private static final Duration KEEPALIVE_PATIENCE = Duration.ofSeconds(5);

  /** How long calls under way may take to end when the client is closed. */
  private static final Duration CLOSE_GRACE = Duration.ofSeconds(5);

  private final String target;
  private final ClientSecurity security;
  private final ManagedChannel channel;

  /** The same, for a thread that was there before it. */
  private volatile @Nullable ManagedChannel current;

  /** Where callers are told of outcomes. */
  private final CallerThreads callers = new CallerThreads();

  private final TimeSource time;
  private final RetryBudget budget;
  private final @Nullable EventLoopGroup loops;

  /** Idle where the client has a time of its own. */
  private final ScheduledThreadPoolExecutor timer = newTimer();

  private final AtomicLong lastReconnect;
  private volatile @Nullable StreamPool streams;
  private volatile boolean closed;

  Channels(Target target, ConnectionOptions options, CallTelemetry telemetry) {
    target.checkResolvable();
    this.target = target.text();
    this.time = TimeSource.system(timer);
    this.budget = new RetryBudget(time.guavaTicker());
    this.lastReconnect = new AtomicLong(time.ticker().nanoTime());
    this.security = openSecurity(options, this::connectAnew, this::renewStreams);
    try {
      NettyChannelBuilder builder =
          NettyChannelBuilder.forTarget(target.uri(), security.credentials());
      if (options.authority() != null) {
        builder.overrideAuthority(options.authority());
      }
      this.loops = target.isUnix() ? overUnixSockets(builder) : null;
      options.balance(builder);
      telemetry.configure(builder);
      this.channel =
          builder
              // One hand-over for many answers, where gRPC's own would wake a thread for each.
              .executor(options.directExecutor() ? MoreExecutors.directExecutor() : callers)
              // A service config of somebody else's must not repeat what may have been started.
              .disableRetry()
              .keepAliveTime(options.keepAlive().toMillis(), TimeUnit.MILLISECONDS)
              .keepAliveTimeout(KEEPALIVE_PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
              .keepAliveWithoutCalls(true)
              .maxInboundMessageSize(messageSize(options))
              .maxInboundMetadataSize(METADATA_SIZE)
              .build();
    } catch (RuntimeException e) {
      security.close();
      throw e;
    }
    this.current = channel;
  }

  /** Over a channel that the program describes itself. */
  Channels(
      ManagedChannelBuilder<?> given,
      ConnectionOptions options,
      Optional<TimeSource> ownTime,
      CallTelemetry telemetry) {
    this.target = "the given channel";
    this.security = ClientSecurity.NONE;
    this.time = ownTime.orElseGet(() -> TimeSource.system(timer));
    this.budget = new RetryBudget(time.guavaTicker());
    this.lastReconnect = new AtomicLong(time.ticker().nanoTime());
    this.loops = null;
    options.balanceGiven(given);
    telemetry.configure(given);
    this.channel = given.disableRetry().maxInboundMessageSize(messageSize(options)).build();
  }

  private static ScheduledThreadPoolExecutor newTimer() {
    ScheduledThreadPoolExecutor timer =
        new ScheduledThreadPoolExecutor(
            1,
            new ThreadFactoryBuilder()
                .setNameFormat("clutch-client-timer")
                .setDaemon(true)
                .build());
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(true);
    timer.setRemoveOnCancelPolicy(true);
    return timer;
  }

  private static int messageSize(ConnectionOptions options) {
    return (int) Math.min(Integer.MAX_VALUE, (long) options.maxMessageSize() + ENVELOPE_SIZE);
  }

  private static ClientSecurity openSecurity(
      ConnectionOptions options, Runnable onNewTls, Runnable onNewToken) {
    try {
      return ClientSecurity.open(options.tls(), options.token(), onNewTls, onNewToken);
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  @SuppressWarnings("NullAway") // null takes an option back that gRPC sets for TCP's sake
  private static EventLoopGroup overUnixSockets(NettyChannelBuilder builder) {
    EventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("clutch-client-unix", true), EpollIoHandler.newFactory());
    builder
        .channelType(EpollDomainSocketChannel.class, DomainSocketAddress.class)
        .eventLoopGroup(loops)
        .withOption(ChannelOption.SO_KEEPALIVE, null)
        .proxyDetector(address -> null);
    return loops;
  }

  /** Further calls go over new connections; those under way end on the old ones. */
  private void connectAnew() {
    ManagedChannel open = current;
    if (open != null) {
      log.info("connects to {} anew, for its certificates have changed", target);
      open.enterIdle();
    }
  }

  /**
   * Further calls show the new token; those under way end on the streams that showed the old one.
   */
  private void renewStreams() {
    StreamPool open = streams;
    if (open != null) {
      open.renew();
    }
  }

  /** Calls go over these, too. */
  void useStreams(StreamPool pool) {
    streams = pool;
  }

  Channel channel() {
    return channel;
  }

  CallerThreads callers() {
    return callers;
  }

  /** What may be repeated. */
  RetryBudget budget() {
    return budget;
  }

  /** Where the workers are, for people. */
  String target() {
    return target;
  }

  /** What deadlines and pauses are measured by. */
  TimeSource time() {
    return time;
  }

  boolean isClosed() {
    return closed;
  }

  /** Runs {@code task} later; false where this is closed. */
  boolean schedule(Runnable task, Duration delay) {
    try {
      var unused = time.timer().schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  /** Has gRPC go on without waiting for its own, growing backoff. */
  void reconnectSoon() {
    long now = time.ticker().nanoTime();
    long last = lastReconnect.get();
    if (now - last >= RECONNECT_INTERVAL.toNanos() && lastReconnect.compareAndSet(last, now)) {
      channel.resetConnectBackoff();
    }
  }

  /** Takes no further calls, lets those under way end for a while, then ends them. */
  @Override
  public void close() {
    closed = true;
    // By the system's time, whatever the calls'.
    Deadline end = Deadline.after(CLOSE_GRACE.toMillis(), TimeUnit.MILLISECONDS);
    try {
      StreamPool open = streams;
      if (open != null) {
        open.close(CLOSE_GRACE);
      }
      channel.shutdown();
      timer.shutdown();
      // Calls that wait for another attempt learn at its time that this is closed.
      boolean ended =
          channel.awaitTermination(left(end), TimeUnit.MILLISECONDS)
              && timer.awaitTermination(left(end), TimeUnit.MILLISECONDS);
      if (!ended) {
        channel.shutdownNow();
      }
    } catch (InterruptedException e) {
      timer.shutdown();
      channel.shutdownNow();
      Thread.currentThread().interrupt();
    }
    security.close();
    if (loops != null) {
      var unused = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }

  private static long left(Deadline end) {
    return Math.max(1, end.timeRemaining(TimeUnit.MILLISECONDS));
  }
}
