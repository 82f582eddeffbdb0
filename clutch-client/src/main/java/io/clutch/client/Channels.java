package io.clutch.client;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import io.grpc.Channel;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The connections of one client, and its timer. Which connection a call takes is for a gRPC load
 * balancer to say: this is the seam where the balance policy goes. Thread-safe.
 */
final class Channels implements AutoCloseable {

  /** What a message may carry beside its payload: names, ids, the envelope. */
  private static final int ENVELOPE_SIZE = 64 * 1024;

  /** The most that headers and trailers may take; errors travel there. */
  private static final int METADATA_SIZE = 64 * 1024;

  /** gRPC waits longer and longer before it connects again; it is woken at most this often. */
  private static final Duration RECONNECT_INTERVAL = Duration.ofMillis(250);

  /** How long calls under way may take to end when the client is closed. */
  private static final Duration CLOSE_GRACE = Duration.ofSeconds(5);

  private final Target target;
  private final ManagedChannel channel;
  private final ScheduledThreadPoolExecutor timer;
  private final AtomicLong lastReconnect = new AtomicLong(System.nanoTime());

  Channels(Target target, String balancePolicy, int maxMessageSize) {
    this.target = target;
    this.channel =
        NettyChannelBuilder.forTarget(target.uri())
            .defaultLoadBalancingPolicy(balancePolicy)
            .usePlaintext()
            .maxInboundMessageSize(
                (int) Math.min(Integer.MAX_VALUE, (long) maxMessageSize + ENVELOPE_SIZE))
            .maxInboundMetadataSize(METADATA_SIZE)
            .build();
    this.timer =
        new ScheduledThreadPoolExecutor(
            1,
            new ThreadFactoryBuilder()
                .setNameFormat("clutch-client-timer")
                .setDaemon(true)
                .build());
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(true);
    timer.setRemoveOnCancelPolicy(true);
  }

  Channel channel() {
    return channel;
  }

  /** Where the workers are, for people. */
  String target() {
    return target.text();
  }

  boolean isClosed() {
    return channel.isShutdown();
  }

  /** Runs {@code task} later; false where this is closed. */
  boolean schedule(Runnable task, Duration delay) {
    try {
      var unused = timer.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  /** Has gRPC connect again without waiting for its own, growing backoff. */
  void reconnectSoon() {
    long now = System.nanoTime();
    long last = lastReconnect.get();
    if (now - last >= RECONNECT_INTERVAL.toNanos() && lastReconnect.compareAndSet(last, now)) {
      channel.resetConnectBackoff();
    }
  }

  /** Takes no further calls, lets those under way end for a while, then ends them. */
  @Override
  public void close() {
    channel.shutdown();
    timer.shutdown();
    try {
      // Calls that wait for another attempt learn at its time that this is closed.
      Deadline end = Deadline.after(CLOSE_GRACE.toMillis(), TimeUnit.MILLISECONDS);
      boolean ended =
          channel.awaitTermination(CLOSE_GRACE.toMillis(), TimeUnit.MILLISECONDS)
              && timer.awaitTermination(
                  end.timeRemaining(TimeUnit.MILLISECONDS), TimeUnit.MILLISECONDS);
      if (!ended) {
        channel.shutdownNow();
      }
    } catch (InterruptedException e) {
      channel.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
