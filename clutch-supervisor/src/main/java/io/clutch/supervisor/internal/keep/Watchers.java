package io.clutch.supervisor.internal.keep;

import io.clutch.v1.PoolEvent;
import io.clutch.v1.PoolStatus;
import io.clutch.v1.WatchResponse;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Who sees what happens: at once, and how the pool is every second. Owned by the pool's thread. */
final class Watchers {

  private static final Duration INTERVAL = Duration.ofSeconds(1);

  private final List<ServerCallStreamObserver<WatchResponse>> watchers = new ArrayList<>();
  private final List<PoolEvent> news = new ArrayList<>();
  private Instant lastSent = Instant.MIN;

  void add(ServerCallStreamObserver<WatchResponse> watcher, PoolStatus pool) {
    watchers.add(watcher);
    watcher.onNext(WatchResponse.newBuilder().setPool(pool).build());
  }

  void event(PoolEvent event) {
    if (!watchers.isEmpty()) {
      news.add(event);
    }
  }

  /** Sends what is due; says when there will be more to send. */
  @Nullable Instant send(Supplier<PoolStatus> pool, Instant now) {
    watchers.removeIf(ServerCallStreamObserver::isCancelled);
    if (watchers.isEmpty()) {
      news.clear();
      return null;
    }
    boolean isDue = lastSent.equals(Instant.MIN) || !now.isBefore(lastSent.plus(INTERVAL));
    if (isDue || !news.isEmpty()) {
      WatchResponse response =
          WatchResponse.newBuilder().setPool(pool.get()).addAllEvents(news).build();
      news.clear();
      lastSent = now;
      for (ServerCallStreamObserver<WatchResponse> watcher : watchers) {
        // One that does not keep up misses something, rather than fill the memory.
        if (watcher.isReady()) {
          watcher.onNext(response);
        }
      }
    }
    return lastSent.plus(INTERVAL);
  }

  void end() {
    watchers.forEach(ServerCallStreamObserver::onCompleted);
    watchers.clear();
  }
}
