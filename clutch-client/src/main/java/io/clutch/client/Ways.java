package io.clutch.client;

import io.clutch.client.internal.stream.StreamPool;
import io.clutch.protocol.TimeSource;
import io.grpc.Channel;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Which way calls go: over streams while these can be had. Thread-safe. */
final class Ways {

  private final Way unary;
  private final @Nullable StreamPool pool;
  private final @Nullable Way streamed;

  /**
   * @param streams whether to try streams
   * @param direct whether results are told on the network's threads
   * @param maxMessageSize of a result
   */
  Ways(Channels channels, boolean streams, boolean direct, int maxMessageSize) {
    this.unary = new UnaryWay(channels);
    if (streams) {
      StreamPool opened =
          new StreamPool(new OverChannels(channels), channels.callers(), maxMessageSize);
      this.pool = opened;
      this.streamed = new StreamedWay(channels, opened, direct);
      channels.useStreams(opened);
    } else {
      this.pool = null;
      this.streamed = null;
    }
  }

  /** How many calls wait here for a process. */
  int waiting() {
    return pool == null ? 0 : pool.waiting();
  }

  /** An RPC for each attempt. */
  Way unary() {
    return unary;
  }

  /** The one to take for an attempt now. */
  Way best() {
    return pool != null && streamed != null && pool.isUsable() ? streamed : unary;
  }

  private record OverChannels(Channels channels) implements StreamPool.Host {
    @Override
    public Channel channel() {
      return channels.channel();
    }

    @Override
    public TimeSource time() {
      return channels.time();
    }

    @Override
    public Duration pauseAfter(int failures) {
      return Backoff.after(failures, Duration.ZERO, ThreadLocalRandom.current());
    }

    @Override
    public boolean schedule(Runnable task, Duration delay) {
      return channels.schedule(task, delay);
    }

    @Override
    public void reconnectSoon() {
      channels.reconnectSoon();
    }
  }
}
