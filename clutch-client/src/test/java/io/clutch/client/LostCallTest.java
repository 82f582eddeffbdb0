package io.clutch.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.worker.Call;
import io.clutch.worker.Worker;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls whose worker is lost, or refuses, and that go elsewhere. */
@Timeout(120)
final class LostCallTest {

  private static final Duration LONG = Duration.ofSeconds(40);
  private static final String ANY_PORT = "127.0.0.1:0";

  /** Where the function ran, by the names of workers. */
  private final List<String> runs = new CopyOnWriteArrayList<>();

  private final CountDownLatch started = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);

  @Test
  void anIdempotentCallWhoseWorkerIsLostRunsAtAnother() throws Exception {
    try (Worker a = firstBlocks("a");
        Worker b = firstBlocks("b");
        Relay toA = new Relay(a.address().port());
        Relay toB = new Relay(b.address().port());
        ClutchClient client = client(LONG, toA.address(), toB.address())) {
      // A call knows of those that were connected when it was sent.
      Set<String> connected = new HashSet<>();
      await()
          .atMost(LONG)
          .until(
              () -> {
                connected.add(client.request("who", null, String.class));
                return connected.size() == 2;
              });
      CompletableFuture<String> call =
          client.requestAsync(Request.of("run", null, String.class).idempotent());
      assertThat(started.await(20, TimeUnit.SECONDS)).isTrue();
      String first = runs.get(0);

      (first.equals("a") ? toA : toB).cut();

      assertThat(call).succeedsWithin(LONG).isNotEqualTo(first);
      assertThat(runs).hasSize(2);
      release.countDown();
    }
  }

  @Test
  void anIdempotentCallGoesBackToTheOnlyServer() throws Exception {
    try (Worker a = firstBlocks("a");
        Relay relay = new Relay(a.address().port());
        ClutchClient client = client(LONG, relay.address())) {
      CompletableFuture<String> call =
          client.requestAsync(Request.of("run", null, String.class).idempotent());
      assertThat(started.await(20, TimeUnit.SECONDS)).isTrue();

      relay.cut();
      release.countDown();

      assertThat(call).succeedsWithin(LONG).isEqualTo("a");
      assertThat(runs).hasSize(2);
    }
  }

  @Test
  void anIdempotentCallThatEndsEachWorkerIsGivenUp() throws Exception {
    CompletableFuture<Relay> relay = new CompletableFuture<>();
    try (Worker a = worker("a", () -> relay.join().cut());
        Relay cut = new Relay(a.address().port());
        ClutchClient client = client(LONG, cut.address())) {
      relay.complete(cut);

      ClutchException failure =
          Failures.of(() -> client.request(Request.of("run", null).idempotent()));

      assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(failure.started()).isEqualTo(Started.UNKNOWN);
      assertThat(failure).hasMessageContaining("3 times");
      assertThat(runs).hasSize(CallHistory.MOST_LOSSES);
    }
  }

  @Test
  void aCallThatWasLostOnceMayHaveBeenStartedHoweverItIsRefusedAfterwards() throws Exception {
    try (Worker a = firstBlocks("a");
        Relay relay = new Relay(a.address().port());
        ClutchClient client = client(Duration.ofSeconds(1), relay.address())) {
      CompletableFuture<String> call =
          client.requestAsync(Request.of("run", null, String.class).idempotent());
      assertThat(started.await(20, TimeUnit.SECONDS)).isTrue();

      relay.close();

      ClutchException failure = Failures.of(() -> Futures.await(call));
      assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(failure.started()).isEqualTo(Started.UNKNOWN);
      assertThat(failure)
          .hasMessageContainingAll(
              "no worker took the call within 1 s",
              "cannot reach " + relay.address(),
              "a worker that had the call was lost before, and may have started it");
      assertThat(runs).hasSize(1);
      release.countDown();
    }
  }

  @Test
  void aCallThatWasLostOnceMayHaveBeenStartedThoughTheNextWorkerDoesNotKnowTheFunction()
      throws Exception {
    try (Worker a = firstBlocks("a");
        Worker ignorant =
            Worker.builder().address(ANY_PORT).function("other", () -> 1).build().start();
        Relay relay = new Relay(a.address().port());
        ClutchClient client = client(LONG, relay.address())) {
      CompletableFuture<String> call =
          client.requestAsync(Request.of("run", null, String.class).idempotent());
      assertThat(started.await(20, TimeUnit.SECONDS)).isTrue();

      relay.leadTo(ignorant.address().port());
      relay.cut();

      ClutchException failure = Failures.of(() -> Futures.await(call));
      assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_NOT_FOUND);
      assertThat(failure.started()).isEqualTo(Started.UNKNOWN);
      assertThat(failure).hasMessageContaining("was lost before, and may have started it");
      release.countDown();
    }
  }

  @Test
  void aCallThatAFullWorkerRefusesGoesToTheOtherThoughThatHasMoreCallsOfThisClient()
      throws Exception {
    try (Worker full = blocking("full", 1);
        Worker free = blocking("free", 2);
        ClutchClient stranger = client(LONG, full.address().toString());
        ClutchClient client = client(LONG, full.address().toString(), free.address().toString())) {
      CompletableFuture<Void> atFull = stranger.requestAsync("block", null, Void.class);
      awaitRuns(1);
      CompletableFuture<Void> atFree = client.requestAsync("block", null, Void.class);
      awaitRuns(2);

      // A pause forgets who refused: each of these would come to the full one over and over.
      for (int i = 0; i < 10; i++) {
        assertThat(client.request("who", null, String.class)).isEqualTo("free");
      }

      assertThat(runs).containsExactly("full", "free");
      release.countDown();
      assertThat(atFull).succeedsWithin(LONG);
      assertThat(atFree).succeedsWithin(LONG);
    }
  }

  private void awaitRuns(int count) {
    await().atMost(LONG).until(() -> runs.size() >= count);
  }

  /** Of all such workers, the first run blocks; it ends with the test. */
  private Worker firstBlocks(String name) throws IOException {
    return worker(
        name,
        () -> {
          if (runs.size() == 1) {
            started.countDown();
            release.await();
          }
        });
  }

  private interface Action {
    void run() throws InterruptedException;
  }

  private Worker worker(String name, Action action) throws IOException {
    return Worker.builder()
        .address(ANY_PORT)
        .concurrency(4)
        .function("run", Void.class, (nothing, call) -> run(name, action, call))
        .function("who", () -> name)
        .build()
        .start();
  }

  private String run(String name, Action action, Call unused) throws InterruptedException {
    runs.add(name);
    action.run();
    return name;
  }

  private Worker blocking(String name, int concurrency) throws IOException {
    return Worker.builder()
        .address(ANY_PORT)
        .concurrency(concurrency)
        .queueCapacity(0)
        .function(
            "block",
            () -> {
              runs.add(name);
              release.await();
            })
        .function("who", () -> name)
        .build()
        .start();
  }

  private static ClutchClient client(Duration timeout, String... servers) {
    return ClutchClient.builder().servers(servers).timeout(timeout).build();
  }
}
