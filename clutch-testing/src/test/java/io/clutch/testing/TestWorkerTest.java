package io.clutch.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.clutch.client.Request;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class TestWorkerTest {

  private static final Duration SOON = Duration.ofSeconds(20);

  private static TestWorker greeter() {
    return TestWorker.start(w -> w.function("greet", String.class, name -> "Hello, " + name));
  }

  @Test
  void worksWithoutJUnit() {
    try (TestWorker worker = greeter()) {
      assertThat(worker.client().request("greet", "you", String.class)).isEqualTo("Hello, you");
      assertThat(worker.calls("greet")).isEqualTo(new Calls(1, 1, 1));
    }
  }

  @Test
  void aStartThatFailsLeavesNothingRunning(@TempDir Path folder) throws IOException {
    Path tokens = Files.writeString(folder.resolve("tokens"), "web web-token-0123456789\n");
    Set<Thread> before = Set.copyOf(Thread.getAllStackTraces().keySet());

    assertThatThrownBy(() -> TestWorker.start(w -> w.tokens(tokens)))
        .isInstanceOfSatisfying(
            ClutchException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNAUTHENTICATED));

    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(Thread.getAllStackTraces().keySet())
                    .filteredOn(thread -> !before.contains(thread))
                    .extracting(Thread::getName)
                    .noneMatch(name -> name.startsWith("clutch-")));
  }

  @Test
  void severalRunAtOnceWithoutMeetingEachOther() {
    try (TestWorker one = TestWorker.start(w -> w.function("which", () -> 1));
        TestWorker two = TestWorker.start(w -> w.function("which", () -> 2))) {
      one.faults().kill("which");

      assertThat(two.client().request("which", null, Integer.class)).isEqualTo(2);
      assertThat(one.client().request(Request.of("which", null, Integer.class).idempotent()))
          .isEqualTo(1);
    }
  }

  @Test
  void limitsAndErrorsAreTheRealOnes() {
    try (TestWorker worker =
        TestWorker.builder()
            .worker(w -> w.maxMessageSize(100).function("echo", String.class, text -> text))
            .client(client -> client.maxMessageSize(1_000))
            .start()) {
      ClutchException tooLarge =
          Failures.of(() -> worker.client().request("echo", "x".repeat(200), String.class));
      assertThat(tooLarge.reason()).isEqualTo(Reason.MESSAGE_TOO_LARGE);
      assertThat(tooLarge).hasMessageContaining("the worker's maxMessageSize is 100");

      ClutchException unknown =
          Failures.of(() -> worker.client().request("nosuch", "x", String.class));
      assertThat(unknown.reason()).isEqualTo(Reason.FUNCTION_NOT_FOUND);

      ClutchException misfit = Failures.of(() -> worker.client().request("echo", 1, Object.class));
      assertThat(misfit.reason()).isEqualTo(Reason.BAD_ARGUMENTS);
    }
  }

  @Test
  void theQueueIsTheRealOne() {
    CountDownLatch release = new CountDownLatch(1);
    try (TestWorker worker =
        TestWorker.start(
            w -> w.concurrency(1).queueCapacity(1).function("block", () -> release.await()))) {
      List<CompletableFuture<Void>> taken =
          List.of(
              worker.client().requestAsync("block", null, Void.class),
              worker.client().requestAsync("block", null, Void.class));

      ClutchException failure =
          Failures.of(
              () ->
                  worker
                      .client()
                      .request(Request.of("block", null).withTimeout(Duration.ofSeconds(1))));

      assertThat(failure.reason()).isEqualTo(Reason.QUEUE_FULL);
      release.countDown();
      assertThat(taken).allSatisfy(call -> assertThat(call).succeedsWithin(SOON));
    }
  }

  @Test
  void resetForgetsTheLastTestButKeepsAWorkerThatIsIdle() {
    int[] made = new int[1];
    try (TestWorker worker =
        TestWorker.start(
            w -> {
              int number = ++made[0];
              w.function("which", () -> number);
            })) {
      worker.client().request("which", null, Integer.class);
      worker.faults().always().drop("which");
      worker.clock().autoAdvance(true);

      worker.reset();

      assertThat(worker.calls("which")).isEqualTo(new Calls(0, 0, 0));
      assertThat(worker.client().request("which", null, Integer.class)).isEqualTo(1);
      worker.faults().drop("which");
      CompletableFuture<Integer> dropped =
          worker.client().requestAsync("which", null, Integer.class);
      worker.clock().advance(Duration.ofSeconds(9));
      assertThat(dropped).isNotDone();
    }
  }

  @Test
  void resetReplacesAWorkerThatIsBusy() {
    AtomicBoolean wasInterrupted = new AtomicBoolean();
    try (TestWorker worker =
        TestWorker.start(
            w ->
                w.concurrency(1)
                    .function(
                        "block",
                        () -> {
                          try {
                            new CountDownLatch(1).await();
                          } catch (InterruptedException e) {
                            wasInterrupted.set(true);
                          }
                        })
                    .function("greet", () -> "Hello"))) {
      worker.client().requestBackground("block", null);
      worker.awaitCalls("block", calls -> calls.started() == 1);

      worker.reset();

      assertThat(worker.client().request("greet", null, String.class)).isEqualTo("Hello");
      await().atMost(SOON).untilTrue(wasInterrupted);
      assertThat(worker.calls("block")).isEqualTo(new Calls(0, 0, 0));
    }
  }

  @Test
  void whatIsNotAsWantedInTimeIsAFailureThatSaysHowItIs() {
    try (TestWorker worker = greeter()) {
      Thread.currentThread().interrupt();

      assertThatThrownBy(() -> worker.awaitCalls("greet", calls -> calls.started() == 1))
          .isInstanceOf(AssertionError.class)
          .hasMessage(
              "the calls of 'greet' did not become as wanted before this thread was interrupted:"
                  + " Calls[received=0, started=0, finished=0]");
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void aDescriptionThatFailsIsTheTestsFailure() {
    assertThatThrownBy(() -> TestWorker.start(w -> w.concurrency(0)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("concurrency is 0");
    assertThatThrownBy(
            () ->
                TestWorker.start(
                    w -> {
                      throw new IllegalStateException("no database");
                    }))
        .hasMessage("no database");
  }

  @Test
  void aSuccessorThatCannotBeMadeIsAClearError() {
    int[] made = new int[1];
    try (TestWorker worker =
        TestWorker.start(
            w -> {
              if (++made[0] == 2) {
                throw new IllegalStateException("no database");
              }
              w.function("which", () -> made[0]);
            })) {
      assertThatThrownBy(worker::kill)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("no worker takes the place of the one that was lost")
          .hasMessageContaining("no database");

      worker.kill();
      assertThat(worker.client().request("which", null, Integer.class)).isEqualTo(3);
    }
  }

  @Test
  void closeEndsCallsAtOnce() {
    CompletableFuture<Void> blocked;
    CompletableFuture<String> dropped;
    TestWorker worker =
        TestWorker.start(
            w ->
                w.function("block", () -> new CountDownLatch(1).await())
                    .function("greet", () -> "Hello"));
    try (worker) {
      blocked = worker.client().requestAsync("block", null, Void.class);
      worker.faults().drop("greet");
      dropped = worker.client().requestAsync(Request.of("greet", null, String.class).idempotent());
    }

    assertThat(blocked).isDone();
    assertThat(Failures.of(dropped)).isNotNull();
    worker.close(); // a second time, without effect
    worker.kill();
  }

  @Test
  void leavesNoThreadBehind() {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    for (int i = 0; i < 3; i++) {
      try (TestWorker worker = greeter()) {
        worker.client().request("greet", "you", String.class);
        worker.faults().drop("greet");
        CompletableFuture<String> dropped =
            worker.client().requestAsync("greet", "you", String.class);
        worker.clock().advance(Duration.ofSeconds(10));
        Failures.of(dropped);
        worker.kill();
        worker.client().request("greet", "you", String.class);
      }
    }

    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(
                        Thread.getAllStackTraces().keySet().stream()
                            .filter(thread -> !before.contains(thread))
                            .map(Thread::getName)
                            .filter(name -> name.startsWith("clutch") || name.startsWith("grpc"))
                            // gRPC's own, which ends what is shared and is no longer used.
                            .filter(name -> !name.startsWith("grpc-shared-destroyer"))
                            .collect(Collectors.toSet()))
                    .isEmpty());
  }
}
