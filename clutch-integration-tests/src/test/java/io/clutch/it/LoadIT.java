package io.clutch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clutch.client.ClutchClient;
import io.clutch.it.ClutchProcesses.Running;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
final class LoadIT {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  @AutoClose private final ClutchProcesses clutch = ClutchProcesses.quick();

  @Test
  void twoHundredClientsAtOnceAreServed() {
    Running worker = clutch.demoWorker();
    List<ClutchClient> clients = new ArrayList<>();
    try {
      for (int i = 0; i < 200; i++) {
        clients.add(worker.client());
      }
      List<CompletableFuture<Integer>> calls = new ArrayList<>();
      for (int round = 0; round < 5; round++) {
        for (int i = 0; i < clients.size(); i++) {
          calls.add(clients.get(i).requestAsync("identity", i, Integer.class));
        }
      }

      for (int i = 0; i < calls.size(); i++) {
        assertThat(calls.get(i)).succeedsWithin(LIMIT).isEqualTo(i % clients.size());
      }
    } finally {
      clients.forEach(ClutchClient::close);
    }
    assertThat(worker.stop()).isZero();
  }

  @Test
  void drainsUnderLoadLoseNothing() throws InterruptedException {
    restartUnderLoad(3, 5);
  }

  @Test
  @Tag("soak")
  void drainsUnderLoadLoseNothingForAMinute() throws InterruptedException {
    long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (System.nanoTime() < end) {
      restartUnderLoad(5, 0);
    }
  }

  /**
   * Two workers; in turn, one is told to stop and started again.
   *
   * @param millis how long each call takes, which leaves the machine some time
   */
  private void restartUnderLoad(int rounds, int millis) throws InterruptedException {
    List<Running> workers = new ArrayList<>(List.of(clutch.demoWorker(), clutch.demoWorker()));
    AtomicLong done = new AtomicLong();
    Queue<RuntimeException> failures = new ConcurrentLinkedQueue<>();
    try (ClutchClient client =
        ClutchClient.builder()
            .servers(workers.get(0).address(), workers.get(1).address())
            .timeout(LIMIT)
            .build()) {
      Runnable call =
          () -> {
            try {
              client.request("sleep", millis, Long.class);
              done.incrementAndGet();
            } catch (RuntimeException e) {
              failures.add(e);
            }
          };
      try (Threads unused = new Threads(8, call)) {
        for (int round = 0; round < rounds; round++) {
          awaitMore(done);
          Running stopped = workers.get(round % 2);
          String address = stopped.address();
          assertThat(stopped.stop()).isZero();
          awaitMore(done);
          workers.set(round % 2, clutch.demoWorker(address));
        }
        awaitMore(done);
      }
    }
    assertThat(failures).isEmpty();
    workers.forEach(worker -> assertThat(worker.stop()).isZero());
  }

  private static void awaitMore(AtomicLong done) {
    long before = done.get();
    await().atMost(LIMIT).until(() -> done.get() >= before + 500);
  }
}
