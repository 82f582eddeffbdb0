package io.clutch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.clutch.client.ClutchClient;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.ServerAddress;
import io.clutch.protocol.Started;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signals, exit codes, and workers that die. */
class WorkerProcessIT {

  private static final String DEMO = "io.clutch.examples.DemoWorker";

  private final ClutchScript clutch = new ClutchScript();

  @TempDir Path folder;

  @AfterEach
  void stop() {
    clutch.close();
  }

  private static ClutchClient client(ClutchScript.WorkerProcess worker) {
    return ClutchClient.builder().servers(worker.address()).timeout(Duration.ofSeconds(60)).build();
  }

  /** A call that is certainly under way: it has left its mark in a file. */
  private static void awaitRunning(ClutchClient client, Path mark) {
    client.request("count", mark.toString(), Void.class);
    assertThat(mark).exists();
  }

  @Test
  void termLetsRunningCallsFinish() throws Exception {
    var worker = clutch.demoWorker();
    try (ClutchClient client = client(worker)) {
      CompletableFuture<Long> call = client.requestAsync("sleep", 1500, Long.class);
      awaitRunning(client, folder.resolve("mark"));
      worker.terminate();
      assertThat(call.get(30, TimeUnit.SECONDS)).isEqualTo(worker.pid());
      assertThat(worker.awaitExit()).isZero();
      assertThat(worker.log()).contains("worker draining").contains("worker stopped");
    }
  }

  @Test
  void termRunsEveryBackgroundCallThatWasAccepted() throws Exception {
    var worker = clutch.worker(Map.of("CLUTCH_CONCURRENCY", "1"), "127.0.0.1:0", DEMO);
    Path file = folder.resolve("count");
    try (ClutchClient client = client(worker)) {
      client.requestBackground("sleep", 500);
      for (int i = 0; i < 50; i++) {
        client.requestBackground("count", Map.of("file", file.toString(), "line", "" + i));
      }
      worker.terminate();
      assertThat(worker.awaitExit()).isZero();
      assertThat(Files.readAllLines(file)).hasSize(50).doesNotHaveDuplicates();
    }
  }

  @Test
  void aSecondTermStopsAtOnce() throws Exception {
    var worker = clutch.demoWorker();
    try (ClutchClient client = client(worker)) {
      CompletableFuture<Long> call = client.requestAsync("sleep", 9_000, Long.class);
      awaitRunning(client, folder.resolve("mark"));
      worker.terminate();
      Awaitility.await().until(() -> worker.log().contains("worker draining"));
      worker.terminate();
      assertThat(worker.awaitExit()).isEqualTo(143);
      ClutchException failure = failureOf(call);
      assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(failure.started()).isEqualTo(Started.UNKNOWN);
    }
  }

  @Test
  void callsGivenUpAtTheGracefulTimeoutShowInTheExitCode() throws Exception {
    var worker = clutch.worker(Map.of("CLUTCH_GRACEFUL_TIMEOUT", "300ms"), "127.0.0.1:0", DEMO);
    try (ClutchClient client = client(worker)) {
      CompletableFuture<Long> call = client.requestAsync("spin", 8_000, Long.class);
      awaitRunning(client, folder.resolve("mark"));
      worker.terminate();
      ClutchException failure = failureOf(call);
      assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(failure.started()).isEqualTo(Started.YES);
      assertThat(worker.awaitExit()).isEqualTo(71);
    }
  }

  @Test
  void aWorkerKilledInTheMiddleIsAClearErrorWithinTheDeadline() throws Exception {
    var worker = clutch.demoWorker();
    try (ClutchClient client = client(worker)) {
      CompletableFuture<Long> call = client.requestAsync("sleep", 9_000, Long.class);
      awaitRunning(client, folder.resolve("mark"));
      worker.kill();
      ClutchException failure = failureOf(call);
      assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(failure.started()).isEqualTo(Started.UNKNOWN);
    }
  }

  @Test
  void aFunctionThatEndsItsProcessIsTheSame() throws Exception {
    var worker = clutch.demoWorker();
    try (ClutchClient client = client(worker)) {
      ClutchException failure = failureOf(client.requestAsync("crash", null, Void.class));
      assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(failure.started()).isEqualTo(Started.UNKNOWN);
      assertThat(worker.awaitExit()).isEqualTo(137);
    }
  }

  @Test
  void outOfMemoryIsToldToTheCallerAndEndsTheProcess() throws Exception {
    var worker = clutch.worker(Map.of("JAVA_OPTS", "-Xmx64m"), "127.0.0.1:0", DEMO);
    try (ClutchClient client = client(worker)) {
      ClutchException failure = failureOf(client.requestAsync("leak", 1000, Void.class));
      assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_FAILED);
      assertThat(failure).hasMessageContaining("OutOfMemoryError");
      assertThat(worker.awaitExit()).isEqualTo(70);
    }
  }

  @Test
  void anAddressInUseIsNamed() throws Exception {
    var worker = clutch.demoWorker();
    var second = clutch.run("worker", "--address", worker.address(), "--main", DEMO);
    assertThat(second.exitCode()).isEqualTo(1);
    assertThat(second.err()).contains(worker.address()).contains("in use");
  }

  @Test
  void workersOfAllKindsOfConnectionsServeOnAndForgetThem() throws Exception {
    var worker = clutch.demoWorker();
    Path descriptors = Path.of("/proc/" + worker.pid() + "/fd");
    org.junit.jupiter.api.Assumptions.assumeTrue(Files.exists(descriptors), "no /proc here");
    try (ClutchClient client = client(worker)) {
      client.request("echo", "warm", String.class);
      int before = descriptors.toFile().list().length;
      String[] greetings = {
        "", "garbage", "GET / HTTP/1.1\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
      };
      for (int i = 0; i < 400; i++) {
        ServerAddress address = ServerAddress.parse(worker.address());
        try (var socket = new java.net.Socket(address.host(), address.port())) {
          socket
              .getOutputStream()
              .write(greetings[i % 4].getBytes(java.nio.charset.StandardCharsets.US_ASCII));
          socket.setSoLinger(i % 3 == 0, 0);
        }
      }
      assertThat(client.request("echo", "on", String.class)).isEqualTo(worker.pid() + ":on");
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> descriptors.toFile().list().length <= before + 5);
      worker.terminate();
      assertThat(worker.awaitExit()).isZero();
    }
  }

  private static ClutchException failureOf(CompletableFuture<?> call) {
    CompletionException failure =
        catchThrowableOfType(
            CompletionException.class, () -> call.orTimeout(50, TimeUnit.SECONDS).join());
    assertThat(failure).isNotNull();
    assertThat(failure.getCause()).isInstanceOf(ClutchException.class);
    return (ClutchException) failure.getCause();
  }
}
