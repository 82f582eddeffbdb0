package io.clutch.it;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.base.Strings;
import io.clutch.client.ClutchClient;
import io.clutch.client.Request;
import io.clutch.it.ClutchProcesses.Running;
import io.clutch.process.UnixSockets;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Started;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Probe;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What {@code docs/kubernetes.yaml} relies on, without Kubernetes. */
@Timeout(300)
final class ContainerIT {

  private static final Path CONTAIN = Path.of("src", "test", "container", "contain.sh");
  private static final Path DISTRIBUTION =
      ClutchProcesses.ROOT.resolve("clutch-cli").resolve("target").resolve("clutch");

  @AutoClose
  private final ClutchProcesses clutch = ClutchProcesses.quick().withJavaOptions("-Xmx64m");

  @Test
  void thePoolOfTheManifestNeedsNoRightsAndWritesNowhereButToTmp() throws IOException {
    assumeTrue(UnixSockets.ownUser() == 0, "only root can make a container");
    assumeTrue(
        exitCode("unshare", "--mount", "--pid", "--ipc", "--fork", "true") == 0,
        "no namespaces can be made here");
    Container container = KubernetesManifest.read("kubernetes.yaml").container();

    Running running = clutch.startCommand(contained(container));
    PoolProcess pool = new PoolProcess(running, Path.of("not", "reachable"));
    pool.awaitReady();

    assertThat(running.err()).contains(": pid 1, 2 of 2 children ready");
    for (Probe probe : List.of(container.getReadinessProbe(), container.getLivenessProbe())) {
      assertThat(
              answers(pool, Strings.nullToEmpty(probe.getGrpc().getService()), PoolProcess.LIMIT))
          .isTrue();
    }
    long first =
        ProcessHandle.of(running.pid()).orElseThrow().children().findFirst().orElseThrow().pid();
    try (ClutchClient client = pool.client()) {
      CompletableFuture<Long> call = client.requestAsync("sleep", 25_000, Long.class);
      await()
          .atMost(PoolProcess.LIMIT)
          .until(() -> statusFromWithin(first).contains("\"inFlight\":1"));

      ClutchProcesses.signal("TERM", first);
      running.awaitErr("the pool stops");

      assertThat(failureOfALateCall(pool).started()).isEqualTo(Started.NO);
      assertThat(call).succeedsWithin(PoolProcess.LIMIT);
      assertThat(running.awaitExit()).as(running.err()).isZero();
    }
  }

  @Test
  void aFrozenProcessNeverFailsTwoProbesInARow() {
    PoolProcess pool = clutch.pool(2);
    long frozen = pool.status().getChildren(0).getProcessId();
    // The first ones take longer.
    assertThat(answers(pool, "", PoolProcess.LIMIT)).isTrue();
    assertThat(answers(pool, "", PoolProcess.LIMIT)).isTrue();

    ClutchProcesses.signal("STOP", frozen);
    try {
      String answers =
          Stream.generate(() -> answers(pool, "", Duration.ofSeconds(2)) ? "." : "!")
              .limit(10)
              .collect(joining());

      // It keeps the connection of the one that it got, so the next goes to another.
      assertThat(answers).doesNotContain("!!");
    } finally {
      ClutchProcesses.signal("CONT", frozen);
    }
  }

  /** The manifest's command, with a program that is there, on a port that is free. */
  private static List<String> contained(Container container) {
    List<String> command = new ArrayList<>();
    command.add(CONTAIN.toString());
    command.add(DISTRIBUTION.toString());
    command.add(System.getProperty("java.home"));
    command.add("/mnt/clutch/clutch");
    for (String argument : container.getArgs()) {
      if (argument.equals("--")) {
        // To ask for the status from within takes its time, where the machine is slow.
        command.add("--timeout=60s");
      }
      command.add(
          switch (argument) {
            case "--address=0.0.0.0:9501" -> "--address=127.0.0.1:0";
            case "--max-workers=4" -> "--max-workers=2";
            case "/opt/jobs/lib/*" -> "/mnt/clutch/lib/*";
            case "com.example.Jobs" -> ClutchProcesses.DEMO_WORKER;
            default -> argument;
          });
    }
    return command;
  }

  /** As {@code kubectl exec} does it. */
  private String statusFromWithin(long pid) {
    return clutch
        .startCommand(
            List.of(
                "nsenter",
                "--target=" + pid,
                "--mount",
                "--pid",
                "--setuid=10001",
                "--setgid=10001",
                "env",
                "-i",
                "PATH=/mnt/java/bin:/usr/bin:/bin",
                "/mnt/clutch/clutch",
                "status",
                "--json"))
        .awaitResult()
        .out()
        .replace(" ", "");
  }

  private int exitCode(String... command) {
    return clutch.startCommand(List.of(command)).awaitExit();
  }

  private static ClutchException failureOfALateCall(PoolProcess pool) {
    try (ClutchClient late = ClutchClient.builder().servers(pool.address()).build()) {
      return Failures.of(
          () ->
              late.request(
                  Request.of("echo", "late", String.class).withTimeout(Duration.ofMillis(500))));
    }
  }

  /** Whether a probe succeeds: on a connection of its own, in the time that it has. */
  private static boolean answers(PoolProcess pool, String service, Duration atMost) {
    ManagedChannel channel =
        Grpc.newChannelBuilder(pool.address(), InsecureChannelCredentials.create()).build();
    try {
      return HealthGrpc.newBlockingStub(channel)
              .withDeadlineAfter(atMost.toMillis(), TimeUnit.MILLISECONDS)
              .check(HealthCheckRequest.newBuilder().setService(service).build())
              .getStatus()
          == ServingStatus.SERVING;
    } catch (StatusRuntimeException e) {
      assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
      return false;
    } finally {
      channel.shutdownNow();
    }
  }
}
