package io.clutch.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.client.ClutchClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Many callers, and workers that are replaced under them. */
class LoadIT {

  private static final String DEMO = "io.clutch.examples.DemoWorker";

  private final ClutchScript clutch = new ClutchScript();

  @AfterEach
  void stop() {
    clutch.close();
  }

  @Test
  void twoHundredClientsAtOnce() throws Exception {
    var worker = clutch.demoWorker();
    List<ClutchClient> clients = new ArrayList<>();
    try {
      List<CompletableFuture<String>> calls = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        ClutchClient client =
            ClutchClient.builder()
                .servers(worker.address())
                .timeout(Duration.ofSeconds(60))
                .build();
        clients.add(client);
        for (int j = 0; j < 5; j++) {
          calls.add(client.requestAsync("echo", i + "/" + j, String.class));
        }
      }
      for (int i = 0; i < calls.size(); i++) {
        assertThat(calls.get(i).get(60, TimeUnit.SECONDS))
            .isEqualTo(worker.pid() + ":" + i / 5 + "/" + i % 5);
      }
    } finally {
      clients.parallelStream().forEach(ClutchClient::close);
    }
  }

  @Test
  void workersReplacedUnderLoadLoseNothing() throws Exception {
    replaceUnderLoad(3);
  }

  @Test
  @Tag("soak")
  void workersReplacedUnderLoadForLongLoseNothing() throws Exception {
    replaceUnderLoad(40);
  }

  private void replaceUnderLoad(int rounds) throws Exception {
    var one = clutch.demoWorker();
    var two = clutch.demoWorker();
    AtomicBoolean goOn = new AtomicBoolean(true);
    AtomicInteger results = new AtomicInteger();
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    List<Thread> threads = new ArrayList<>();
    try (ClutchClient client =
        ClutchClient.builder()
            .servers(one.address(), two.address())
            .timeout(Duration.ofSeconds(60))
            .build()) {
      for (int i = 0; i < 8; i++) {
        Thread thread =
            new Thread(
                () -> {
                  while (goOn.get()) {
                    try {
                      client.request("echo", "x", String.class);
                      results.incrementAndGet();
                    } catch (RuntimeException e) {
                      failures.add(e);
                    }
                  }
                });
        thread.start();
        threads.add(thread);
      }
      for (int round = 0; round < rounds; round++) {
        awaitMore(results);
        one = replace(one);
        awaitMore(results);
        two = replace(two);
      }
      awaitMore(results);
      goOn.set(false);
      for (Thread thread : threads) {
        thread.join();
      }
    } finally {
      goOn.set(false);
    }
    assertThat(failures).isEmpty();
  }

  private ClutchScript.WorkerProcess replace(ClutchScript.WorkerProcess worker) throws Exception {
    worker.terminate();
    assertThat(worker.awaitExit()).isZero();
    return clutch.worker(Map.of(), worker.address(), DEMO);
  }

  private static void awaitMore(AtomicInteger results) {
    int now = results.get();
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> results.get() > now + 200);
  }
}
