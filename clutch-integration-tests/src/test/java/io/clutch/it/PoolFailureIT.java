package io.clutch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clutch.client.ClutchClient;
import io.clutch.it.ClutchProcesses.Result;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.v1.ChildStatus;
import io.clutch.v1.PoolEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Children and supervisors that die, hang and don't start. */
@Order(1)
@Timeout(300)
final class PoolFailureIT {

  @AutoClose private final ClutchProcesses clutch = ClutchProcesses.quick();

  @Test
  void aKilledChildCostsOnlyItsOwnCalls() throws InterruptedException {
    PoolProcess pool = clutch.pool(4);
    try (PoolLoad load = new PoolLoad(pool.address(), 8)) {
      load.awaitMore();
      long victim = pool.status().getChildren(1).getProcessId();

      ClutchProcesses.signal("KILL", victim);
      load.awaitMore();
      pool.awaitStatus(status -> !pool.pids().contains(victim));
      pool.awaitChildren(4);
      load.awaitMore();

      // At most one call of each of the nine threads can have been under way there.
      assertThat(load.failures())
          .hasSizeLessThanOrEqualTo(9)
          .allSatisfy(
              failure -> {
                assertThat(failure).isInstanceOf(ClutchException.class);
                ClutchException lost = (ClutchException) failure;
                assertThat(lost.reason()).isEqualTo(Reason.UNAVAILABLE);
                assertThat(lost.started()).isEqualTo(Started.UNKNOWN);
                assertThat(lost).hasMessageContaining("lost");
              });
    }
    assertThat(pool.stop()).isZero();
  }

  @Test
  void aPoolThatNeverStartsEnds() {
    PoolProcess pool =
        clutch.startPool(
            2, List.of("--", "/bin/sh", "-c", "echo this deploy is broken >&2; exit 7"));

    assertThat(pool.supervisor().awaitExit()).isEqualTo(1);
    assertThat(pool.supervisor().err())
        .contains("did not become ready: it exited with 7")
        .contains("this deploy is broken");
    assertThat(pool.control()).doesNotExist();
  }

  @Test
  void aProgramThatIsNotThereIsSaidSo() {
    PoolProcess pool = clutch.startPool(2, List.of("--", "/no/such/program"));

    assertThat(pool.supervisor().awaitExit()).isEqualTo(1);
    assertThat(pool.supervisor().err()).contains("could not be started", "/no/such/program");
  }

  @Test
  void aChildThatIsNeverReadyIsKilled() {
    PoolProcess pool =
        clutch.startPool(
            1, List.of("--", "/bin/sh", "-c", "exec sleep 600"), "--boot-timeout", "1s");

    assertThat(pool.supervisor().awaitExit()).isEqualTo(1);
    assertThat(pool.supervisor().err()).contains("it was not ready within PT1S");
  }

  @Test
  void aBrokenDeployLeavesTheOldPool() throws IOException {
    Path program = clutch.temporaryFolder().resolve("jobs");
    String good =
        "#!/bin/sh\nexec '%s' worker --main %s\n"
            .formatted(ClutchProcesses.SCRIPT, ClutchProcesses.DEMO_WORKER);
    write(program, good);
    PoolProcess pool = clutch.pool(2, List.of("--", program.toString()));
    Set<Long> before = pool.pids();
    // The last lines of a child may be long.
    write(
        program,
        """
        #!/bin/sh
        for i in $(seq 18); do printf '%0450d\\n' $i >&2; done
        echo no such table >&2
        exit 3
        """);

    Result restart = clutch.run("restart", "--control", pool.control().toString());

    assertThat(restart.exitCode()).isEqualTo(1);
    assertThat(restart.err()).contains("did not become ready", "no such table");
    assertThat(pool.pids()).isEqualTo(before);
    assertThat(pool.status().getRestartFailure()).contains("no such table");
    try (ClutchClient client = pool.client()) {
      assertThat(before).contains(client.request("sleep", 0, Long.class));
    }
    write(program, good);
    assertThat(clutch.run("restart", "--control", pool.control().toString()).exitCode()).isZero();
    assertThat(pool.pids()).hasSize(2).doesNotContainAnyElementsOf(before);
  }

  private static void write(Path program, String text) throws IOException {
    Path fresh = program.resolveSibling("fresh");
    Files.writeString(fresh, text);
    assertThat(fresh.toFile().setExecutable(true)).isTrue();
    Files.move(fresh, program, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
  }

  @Test
  void aHungFunctionIsShownAndItsProcessReplaced() {
    PoolProcess pool = clutch.pool(2, "--timeout", "1s", "--kill-grace", "1s");
    Set<Long> before = pool.pids();
    try (ClutchClient client = pool.client()) {
      ClutchException failure = Failures.of(() -> client.request("spin", 600_000, Long.class));

      assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_TIMEOUT);
      assertThat(failure).hasMessageContaining("DemoWorker.spin");
      PoolEvent hung =
          await()
              .atMost(PoolProcess.LIMIT)
              .until(() -> pool.events(PoolEvent.Kind.HUNG), events -> !events.isEmpty())
              .get(0);
      assertThat(hung.getMessage()).contains("hangs in 'spin'");
      assertThat(hung.getDetail().lines().limit(5)).anyMatch(line -> line.contains("DemoWorker"));
      pool.awaitStatus(
          status ->
              status.getChildrenList().stream()
                  .noneMatch(child -> child.getProcessId() == hung.getProcessId()));
      List<Long> after = pool.awaitChildren(2);
      assertThat(before).contains(hung.getProcessId());
      assertThat(after).doesNotContain(hung.getProcessId());
      assertThat(client.request("echo", "on", String.class)).endsWith(":on");
    }
    assertThat(pool.stop()).isZero();
  }

  @Test
  void aFrozenChildIsReplaced() {
    PoolProcess pool = clutch.pool(2, "--heartbeat-timeout", "2s");
    long frozen = pool.status().getChildren(0).getProcessId();

    ClutchProcesses.signal("STOP", frozen);

    pool.awaitStatus(
        status ->
            status.getChildrenList().stream().noneMatch(child -> child.getProcessId() == frozen));
    pool.awaitChildren(2);
    assertThat(pool.events(PoolEvent.Kind.KILLED).get(0).getMessage()).contains("no sign of life");
  }

  @Test
  void childrenOutliveTheirSupervisorByNoMoreThanTheirCalls() throws IOException {
    PoolProcess pool = clutch.pool(2);
    List<ProcessHandle> children =
        pool.pids().stream().map(ProcessHandle::of).map(java.util.Optional::orElseThrow).toList();
    try (ClutchClient client = pool.client()) {
      CompletableFuture<Long> call = client.requestAsync("sleep", 3_000, Long.class);
      pool.awaitStatus(
          status -> status.getChildrenList().stream().anyMatch(child -> child.getInFlight() > 0));

      pool.supervisor().kill();

      assertThat(call).succeedsWithin(Duration.ofSeconds(60));
    }
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
  }

  @Test
  void aDrainThatTakesTooLongIsCutShort() {
    PoolProcess pool = clutch.pool(1, "--graceful-timeout", "1s", "--timeout", "0");
    try (ClutchClient client = pool.client()) {
      CompletableFuture<Long> call = client.requestAsync("spin", 600_000, Long.class);
      pool.awaitStatus(
          status -> status.getChildrenList().stream().anyMatch(child -> child.getInFlight() > 0));

      assertThat(pool.stop()).isZero();

      assertThat(call)
          .failsWithin(Duration.ofSeconds(60))
          .withThrowableThat()
          .havingCause()
          .isInstanceOfSatisfying(
              ClutchException.class,
              failure -> assertThat(failure.started()).isEqualTo(Started.YES));
    }
  }

  @Test
  void aSecondTermKillsAtOnce() {
    PoolProcess pool = clutch.pool(1, "--timeout", "0");
    List<ProcessHandle> children =
        pool.pids().stream().map(ProcessHandle::of).map(java.util.Optional::orElseThrow).toList();
    try (ClutchClient client = pool.client()) {
      CompletableFuture<Long> call = client.requestAsync("sleep", 600_000, Long.class);
      pool.awaitStatus(
          status -> status.getChildrenList().stream().anyMatch(child -> child.getInFlight() > 0));
      pool.supervisor().terminate();
      pool.awaitStatus(
          status ->
              status.getChildrenList().stream()
                  .anyMatch(child -> child.getState() == ChildStatus.State.DRAINING));

      // Those within a second of the first belong to the same stop.
      await()
          .atMost(PoolProcess.LIMIT)
          .until(
              () -> {
                pool.supervisor().terminate();
                return !pool.supervisor().isAlive();
              });
      assertThat(pool.supervisor().awaitExit()).isEqualTo(143);
      assertThat(call).failsWithin(Duration.ofSeconds(60));
    }
    assertThat(children).noneMatch(ProcessHandle::isAlive);
  }

  @Test
  void aStopThatComesTwiceAtOnceIsOneStop() {
    PoolProcess pool = clutch.pool(1);
    try (ClutchClient client = pool.client()) {
      CompletableFuture<Long> call = client.requestAsync("sleep", 3_000, Long.class);
      pool.awaitStatus(
          status -> status.getChildrenList().stream().anyMatch(child -> child.getInFlight() > 0));

      ClutchProcesses.signals(pool.supervisor().pid(), "INT", "TERM");

      assertThat(call).succeedsWithin(Duration.ofSeconds(60));
    }
    assertThat(pool.supervisor().awaitExit()).isZero();
  }

  @Test
  void aChildThatIsToldToStopIsReplaced() throws InterruptedException {
    PoolProcess pool = clutch.pool(2);
    try (PoolLoad load = new PoolLoad(pool.address(), 4)) {
      load.awaitMore();
      long told = pool.status().getChildren(0).getProcessId();

      ClutchProcesses.signal("TERM", told);
      pool.awaitStatus(status -> !pool.pids().contains(told));
      pool.awaitChildren(2);
      load.awaitMore();

      assertThat(load.failures()).isEmpty();
    }
  }
}
