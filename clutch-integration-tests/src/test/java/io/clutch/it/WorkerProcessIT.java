package io.clutch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.base.Stopwatch;
import io.clutch.client.ClutchClient;
import io.clutch.client.Request;
import io.clutch.it.ClutchProcesses.Running;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.worker.Worker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
final class WorkerProcessIT {

  private static final Duration LIMIT = Duration.ofSeconds(30);

  @AutoClose private final ClutchProcesses clutch = ClutchProcesses.quick();

  @TempDir private Path folder;
  private Path running;

  @BeforeEach
  void chooseFile() {
    running = folder.resolve("running");
  }

  @Test
  void termLetsTheRunningCallEnd() throws IOException {
    Running worker = clutch.testWorker();
    try (ClutchClient client = worker.client()) {
      CompletableFuture<String> call = hold(client);

      worker.terminate();
      worker.awaitErr("draining");
      Files.delete(running);

      assertThat(call).succeedsWithin(LIMIT).isEqualTo("released");
      assertThat(worker.awaitExit()).isZero();
    }
  }

  @Test
  void termLetsQueuedBackgroundCallsRun() throws IOException {
    clutch.with("CLUTCH_CONCURRENCY", "1");
    Running worker = clutch.testWorker();
    String file = folder.resolve("lines").toString();
    try (ClutchClient client = worker.client()) {
      CompletableFuture<String> call = hold(client);
      IntStream.range(0, 50)
          .forEach(i -> client.requestBackground("append", new String[] {file, "line " + i}));

      worker.terminate();
      worker.awaitErr("draining");
      Files.delete(running);

      assertThat(call).succeedsWithin(LIMIT);
      assertThat(worker.awaitExit()).isZero();
      assertThat(Files.readAllLines(Path.of(file)))
          .containsExactlyElementsOf(IntStream.range(0, 50).mapToObj(i -> "line " + i).toList());
    }
  }

  @Test
  void aSecondTermStopsAtOnce() {
    Running worker = clutch.testWorker();
    try (ClutchClient client = worker.client()) {
      CompletableFuture<String> call = hold(client);
      worker.terminate();
      worker.awaitErr("draining");

      worker.terminate();

      assertThat(worker.awaitExit()).isEqualTo(Worker.EXIT_STOPPED_AT_ONCE);
      assertThat(failure(call).reason()).isEqualTo(Reason.UNAVAILABLE);
    }
  }

  @Test
  void callsThatOutlastTheGracefulTimeoutAreGivenUp() {
    clutch.with("CLUTCH_GRACEFUL_TIMEOUT", "200ms").with("CLUTCH_TIMEOUT", "0");
    Running worker = clutch.testWorker();
    try (ClutchClient client = worker.client()) {
      CompletableFuture<String> call = hold(client);

      worker.terminate();

      assertThat(worker.awaitExit()).isEqualTo(Worker.EXIT_CALLS_GIVEN_UP);
      assertThat(failure(call).reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(failure(call).started()).isEqualTo(Started.YES);
    }
  }

  @Test
  void anAddressInUseIsNamed() {
    String address = clutch.demoWorker().address();

    ClutchProcesses.Result second =
        clutch.run("worker", "--address", address, "--main", ClutchProcesses.DEMO_WORKER);

    assertThat(second.exitCode()).isEqualTo(1);
    assertThat(second.err()).contains("cannot listen on " + address).contains("in use");
    assertThat(second.out()).isEmpty();
  }

  @Test
  void aKilledWorkerIsAClearErrorLongBeforeTheDeadline() {
    Running worker = clutch.testWorker();
    try (ClutchClient client = worker.client()) {
      CompletableFuture<String> call = hold(client);
      Stopwatch stopwatch = Stopwatch.createStarted();

      worker.kill();

      ClutchException failure = failure(call);
      assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(failure.started()).isEqualTo(Started.UNKNOWN);
      assertThat(failure).message().isNotBlank();
      assertThat(stopwatch.elapsed()).isLessThan(Duration.ofSeconds(10));
    }
  }

  @Test
  void aFunctionThatEndsItsProcessIsAClearError() {
    Running worker = clutch.demoWorker();
    try (ClutchClient client = worker.client()) {
      ClutchException failure = Failures.of(() -> client.request("crash", null, Void.class));

      assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(failure.started()).isEqualTo(Started.UNKNOWN);
      assertThat(worker.awaitExit()).isEqualTo(137);
    }
  }

  @Test
  void outOfMemoryReachesTheCallerAndEndsTheProcess() {
    clutch.withJavaOptions("-Xmx64m");
    Running worker = clutch.testWorker();
    try (ClutchClient client = worker.client()) {
      ClutchException failure = Failures.of(() -> client.request("exhaust", null, Integer.class));

      assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_FAILED);
      assertThat(failure.started()).isEqualTo(Started.YES);
      assertThat(failure).hasMessageContaining("OutOfMemoryError");
      assertThat(worker.awaitExit()).isEqualTo(Worker.EXIT_FATAL_ERROR);
      assertThat(worker.err()).contains("OutOfMemoryError");
    }
  }

  @Test
  void termRightAtStartUpEndsTheProcess() {
    for (int i = 0; i < 6; i++) {
      Running worker =
          clutch.start("worker", "--address", "127.0.0.1:0", "--main", ClutchProcesses.DEMO_WORKER);
      assertThat(worker.endsWithin(Duration.ofMillis(150L * i))).isFalse();

      worker.terminate();

      // Before its handler is there, TERM ends a JVM as it ends any process; one that is just about
      // to load the program may say 1, and nothing else.
      int exitCode = worker.awaitExit();
      assertThat(exitCode == 1 && worker.err().isEmpty() ? 143 : exitCode)
          .as("TERM %d at %s", i, worker.err())
          .isIn(0, 143);
    }
  }

  @Test
  void aDeadlineThatPassesInTheQueueNeverRunsTheFunction() throws IOException {
    clutch.with("CLUTCH_CONCURRENCY", "1");
    Running worker = clutch.testWorker();
    String file = folder.resolve("lines").toString();
    try (ClutchClient client = worker.client()) {
      CompletableFuture<String> first = hold(client);

      ClutchException failure =
          Failures.of(
              () ->
                  client.request(
                      Request.of("append", new String[] {file, "late"})
                          .withTimeout(Duration.ofMillis(300))));
      Files.delete(running);

      assertThat(failure.reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
      assertThat(first).succeedsWithin(LIMIT);
      client.request("append", new String[] {file, "in time"}, Void.class);
      assertThat(Files.readAllLines(Path.of(file))).containsExactly("in time");
    }
  }

  @Test
  void programArgumentsReachTheProgram() {
    Running worker =
        clutch.start(
            "worker",
            "--address=127.0.0.1:0",
            "--main=" + TestWorker.class.getName(),
            "--classpath=" + ClutchProcesses.TEST_CLASSES,
            "--",
            "--one",
            "two words");
    worker.awaitReady();
    try (ClutchClient client = worker.client()) {
      assertThat(client.request("arguments", null, String[].class))
          .containsExactly("--one", "two words");
      assertThat(worker.stop()).isZero();
    }
  }

  @Test
  void aWrongOptionFromOutsideIsNamed() {
    for (Map.Entry<String, String> wrong :
        Map.of("CLUTCH_CONCURRENCY", "many", "CLUTCH_TIMEOUT", "soon").entrySet()) {
      try (ClutchProcesses misled = new ClutchProcesses().with(wrong.getKey(), wrong.getValue())) {
        ClutchProcesses.Result result =
            misled.run("worker", "--address", "127.0.0.1:0", "--main", ClutchProcesses.DEMO_WORKER);

        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err()).contains(wrong.getKey()).contains(wrong.getValue());
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }

  /** A call that runs until its file is deleted. */
  private CompletableFuture<String> hold(ClutchClient client) {
    CompletableFuture<String> call = client.requestAsync("hold", running.toString(), String.class);
    await().atMost(LIMIT).until(() -> Files.exists(running));
    return call;
  }

  private static ClutchException failure(CompletableFuture<?> call) {
    await().atMost(LIMIT).until(call::isDone);
    try {
      call.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ClutchException failure) {
        return failure;
      }
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    throw new AssertionError("the call did not fail");
  }
}
