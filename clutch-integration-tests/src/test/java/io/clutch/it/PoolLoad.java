package io.clutch.it;

import static org.awaitility.Awaitility.await;

import io.clutch.client.ClutchClient;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Calls that go on until this is closed: from clients that keep their connections, and from clients
 * that are made for one call.
 */
final class PoolLoad implements AutoCloseable {

  private static final Duration LIMIT = Duration.ofSeconds(90);

  private final String address;
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
    this.address = address;
    this.clients = List.of(client(), client());
    AtomicLong turn = new AtomicLong();
    keeping =
        new Threads(threads, () -> call(clients.get((int) (turn.getAndIncrement() % 2)), kept, 15));
    fleeting =
        new Threads(
            1,
            () -> {
              try (ClutchClient client = client()) {
                // Making clients costs more than calling.
                call(client, fresh, 60);
              }
            });
  }

  private ClutchClient client() {
    return ClutchClient.builder().servers(address).timeout(LIMIT).build();
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
    long keptBefore = kept.get();
    long freshBefore = fresh.get();
    await()
        .atMost(LIMIT)
        .until(() -> kept.get() >= keptBefore + 300 && fresh.get() >= freshBefore + 10);
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
