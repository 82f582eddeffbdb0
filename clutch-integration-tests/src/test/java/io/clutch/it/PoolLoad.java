package io.clutch.it;

import static org.awaitility.Awaitility.await;

import io.clutch.client.ClutchClient;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Calls that go on until this is closed: from clients that keep their connections, and from clients
 * that are made for one call.
 */
final class PoolLoad implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofMinutes(3);

  private final AtomicLong kept = new AtomicLong();
  private final AtomicLong fresh = new AtomicLong();
  private final Queue<RuntimeException> failures = new ConcurrentLinkedQueue<>();
  private final List<ClutchClient> clients;
  private final Threads keeping;
  private final Threads fleeting;

  /**
   * @param threads how many call on lasting connections, two clients in all
   */
  PoolLoad(String address, int threads) {
    this(() -> ClutchClient.builder().servers(address).timeout(LIMIT).build(), threads);
  }

  /**
   * @param client makes clients
   */
  PoolLoad(Supplier<ClutchClient> client, int threads) {
    this.clients = List.of(client.get(), client.get());
    AtomicLong turn = new AtomicLong();
    keeping =
        new Threads(threads, () -> call(clients.get((int) (turn.getAndIncrement() % 2)), kept, 30));
    fleeting =
        new Threads(
            1,
            () -> {
              try (ClutchClient newcomer = client.get()) {
                // Making clients costs more than calling.
                call(newcomer, fresh, 150);
              }
            });
  }

  private void call(ClutchClient client, AtomicLong count, int millis) {
    try {
      // Long enough to be under way when a process leaves, and to leave the machine some time.
      client.request("sleep", millis, Long.class);
      count.incrementAndGet();
    } catch (RuntimeException e) {
      failures.add(e);
    }
  }

  /** Waits for so many more calls of either sort. */
  void awaitMore() {
    awaitMore(150, 5);
  }

  /** Waits for more calls, and for more clients that were made for one. */
  void awaitMore(int calls, int newcomers) {
    long keptBefore = kept.get();
    long freshBefore = fresh.get();
    await()
        .atMost(LIMIT)
        .until(() -> kept.get() >= keptBefore + calls && fresh.get() >= freshBefore + newcomers);
  }

  Queue<RuntimeException> failures() {
    return failures;
  }

  @Override
  public void close() throws InterruptedException {
    keeping.close();
    fleeting.close();
    clients.forEach(ClutchClient::close);
  }
}
