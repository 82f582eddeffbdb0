package io.clutch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableSet;
import com.google.common.net.HostAndPort;
import io.clutch.client.ClutchClient;
import io.clutch.it.ClutchProcesses.Result;
import io.clutch.it.ClutchProcesses.Running;
import io.clutch.v1.ChildStatus;
import io.clutch.v1.PoolEvent;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A pool as a user meets it: the commands, the connections, the files. */
@Order(1)
@Timeout(300)
final class PoolIT {

  /** For tests that leave a pool as it was. */
  private static ClutchProcesses shared;

  private static PoolProcess four;

  @AutoClose private final ClutchProcesses clutch = ClutchProcesses.quick();

  @BeforeAll
  static void startFour() {
    shared = ClutchProcesses.quick();
    four =
        shared.pool(
            4,
            List.of(
                "--main", TestWorker.class.getName(), "--classpath", ClutchProcesses.TEST_CLASSES));
  }

  @AfterAll
  static void stopFour() throws IOException {
    assertThat(four.stop()).isZero();
    shared.close();
  }

  @Test
  void fourConnectionsReachFourProcesses() {
    PoolProcess pool = four;
    List<ClutchClient> clients = new ArrayList<>();
    Set<Long> pids = new HashSet<>();
    for (int i = 0; i < 4; i++) {
      ClutchClient client = clientWithOneConnection(pool);
      clients.add(client);
      pids.add(client.request("pid", null, Long.class));
    }
    clients.forEach(ClutchClient::close);

    assertThat(pids).isEqualTo(pool.pids());
  }

  @Test
  void shortConnectionsGoRound() {
    PoolProcess pool = four;
    Set<Long> pids = new HashSet<>();
    for (int i = 0; i < 8; i++) {
      try (ClutchClient client = clientWithOneConnection(pool)) {
        pids.add(client.request("pid", null, Long.class));
      }
    }

    assertThat(pids).hasSizeGreaterThanOrEqualTo(3);
  }

  private static ClutchClient clientWithOneConnection(PoolProcess pool) {
    return ClutchClient.builder()
        .servers(pool.address())
        .connectionsPerServer(1)
        .timeout(PoolProcess.LIMIT)
        .build();
  }

  @Test
  void functionsSeeTheCallersAddress() {
    PoolProcess pool = four;
    try (ClutchClient client = pool.client()) {
      assertThat(client.request("peer", "", String.class))
          .matches("/127\\.0\\.0\\.1:\\d+")
          .isNotEqualTo("/" + pool.address());
    }
  }

  @Test
  void connectionsThatComeAndGoLeaveNoDescriptors() throws IOException {
    PoolProcess pool = four;
    List<Long> processes = new ArrayList<>(pool.pids());
    processes.add(pool.supervisor().pid());
    openAndDrop(pool.address(), 50);
    long before = openDescriptors(processes);

    openAndDrop(pool.address(), 1_000);

    await().atMost(PoolProcess.LIMIT).until(() -> openDescriptors(processes) <= before + 5);
    await()
        .atMost(PoolProcess.LIMIT)
        .until(
            () ->
                pool.status().getChildrenList().stream()
                    .allMatch(child -> child.getConnections() == 0));
  }

  private static void openAndDrop(String address, int times) throws IOException {
    HostAndPort target = HostAndPort.fromString(address);
    for (int i = 0; i < times; i++) {
      try (Socket socket = new Socket(target.getHost(), target.getPort())) {
        // Every other one is reset.
        socket.setSoLinger(i % 2 == 0, 0);
      }
    }
  }

  private static long openDescriptors(List<Long> processes) throws IOException {
    long count = 0;
    for (long pid : processes) {
      try (Stream<Path> open = Files.list(Path.of("/proc", String.valueOf(pid), "fd"))) {
        count += open.count();
      }
    }
    return count;
  }

  @Test
  void theCommandsControlThePool() {
    PoolProcess pool = clutch.pool(2);
    String control = pool.control().toString();
    Running watch = clutch.start("watch", "--control", control);

    Result status = clutch.run("status", "--control", control);
    assertThat(status.exitCode()).isZero();
    assertThat(status.out()).contains("pool ready on " + pool.address()).contains("SLOT");
    assertThat(clutch.run("status", "--control", control, "--json").out())
        .contains("\"slot\":1", "\"slot\":2", "\"pid\":", "\"state\":\"ready\"", "\"handled\":0");

    Result more = clutch.run("scale", "3", "--control", control);
    assertThat(more.exitCode()).describedAs(more.err()).isZero();
    List<Long> three = pool.awaitChildren(3);
    Result fewer = clutch.run("scale", "1", "--control", control);
    assertThat(fewer.exitCode()).describedAs(fewer.err()).isZero();
    assertThat(pool.pids()).containsExactly(three.get(0));

    Result restart = clutch.run("restart", "--control", control);
    assertThat(restart.exitCode()).describedAs(restart.err()).isZero();
    assertThat(restart.err()).contains("[0/1]").contains("[1/1]");
    assertThat(pool.pids()).hasSize(1).doesNotContainAnyElementsOf(three);

    Result stop = clutch.run("stop", "--control", control);
    assertThat(stop.exitCode()).describedAs(stop.err()).isZero();
    assertThat(pool.supervisor().awaitExit()).isZero();
    assertThat(watch.awaitExit()).isZero();
    assertThat(watch.out()).contains("is ready in", "rolling restart done", "the pool stops");
    assertThat(pool.control()).doesNotExist();
    Result after = clutch.run("status", "--control", control);
    assertThat(after.exitCode()).isEqualTo(3);
    assertThat(after.err()).contains("there is no supervisor at '" + control + "'");
  }

  @Test
  void signalsResizeThePool() {
    PoolProcess pool = clutch.pool(1);

    pool.supervisor().signal("TTIN");
    pool.awaitChildren(2);
    pool.supervisor().signal("TTOU");
    pool.awaitChildren(1);

    pool.supervisor().signal("USR1");
    assertThat(pool.supervisor().awaitExit()).isZero();
  }

  @Test
  void callsWaitForTheFirstChild() {
    PoolProcess pool = clutch.pool(1);
    try (ClutchClient client = pool.client()) {
      ClutchProcesses.signal("KILL", pool.status().getChildren(0).getProcessId());
      await().atMost(PoolProcess.LIMIT).until(() -> !pool.events(PoolEvent.Kind.CRASHED).isEmpty());

      assertThat(client.request("echo", "late", String.class)).endsWith(":late");
    }
    pool.awaitChildren(1);
  }

  @Test
  void onlyOneSupervisorHoldsAControlSocket() {
    PoolProcess pool = clutch.pool(1);
    String[] again = {
      "supervise",
      "--control",
      pool.control().toString(),
      "--address",
      "127.0.0.1:0",
      "--main",
      ClutchProcesses.DEMO_WORKER
    };

    Result refused = clutch.run(again);
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.err())
        .contains("pid " + pool.supervisor().pid() + " is controlled by '" + pool.control());

    pool.supervisor().kill();
    pool.supervisor().awaitExit();
    Running next = clutch.start(again);
    next.awaitErr("pool ready");
    assertThat(next.stop()).isZero();
  }

  @Test
  void theControlSocketIsPrivate() throws IOException {
    Path socket = four.control().toRealPath();

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket.getParent())))
        .isEqualTo("rwx------");
  }

  @Test
  void filesSayWhoRuns() throws IOException {
    Path folder = clutch.temporaryFolder();
    Path pidFile = folder.resolve("pid");
    Path statusFile = folder.resolve("status");
    PoolProcess pool =
        clutch.pool(2, "--pid-file", pidFile.toString(), "--status-file", statusFile.toString());
    List<String> lines = pool.pids().stream().map(pid -> "1:" + pid).toList();

    assertThat(pidFile).hasContent(String.valueOf(pool.supervisor().pid()));
    await()
        .atMost(PoolProcess.LIMIT)
        .until(() -> ImmutableSet.copyOf(lines).equals(Set.copyOf(Files.readAllLines(statusFile))));
    PoolProcess second =
        clutch.startPool(
            1, List.of("--main", ClutchProcesses.DEMO_WORKER), "--pid-file", pidFile.toString());
    assertThat(second.supervisor().awaitExit()).isEqualTo(1);
    assertThat(second.supervisor().err()).contains("is locked by process");
    assertThat(pool.stop()).isZero();
    assertThat(pidFile).doesNotExist();
    assertThat(statusFile).doesNotExist();
  }

  @Test
  void optionsComeFromTheEnvironmentToo() {
    clutch
        .with("CLUTCH_MAX_WORKERS", "3")
        .with("CLUTCH_TIMEOUT", "5s")
        .with("CLUTCH_CONCURRENCY", "2");
    Path control = clutch.temporaryFolder().resolve("control.sock");
    Running supervisor =
        clutch
            .with("CLUTCH_CONTROL", control.toString())
            .with("CLUTCH_ADDRESS", "127.0.0.1:0,127.0.0.1:0")
            .start("supervise", "--timeout", "7s", "--main", ClutchProcesses.DEMO_WORKER);
    PoolProcess pool = new PoolProcess(supervisor, control);
    pool.awaitReady();

    assertThat(pool.awaitChildren(3)).hasSize(3);
    assertThat(pool.status().getAddressesList()).hasSize(2);
    await()
        .atMost(PoolProcess.LIMIT)
        .until(() -> supervisor.err().contains("concurrency 2, queue 1000, timeout PT7S"));
    for (String address : pool.status().getAddressesList()) {
      assertThat(clutch.run("call", "--servers", address, "--text", "echo", "hi").out())
          .endsWith(":hi\n");
    }
  }

  @Test
  void outputSaysWhoseItIs() {
    PoolProcess pool = clutch.pool(1);
    ChildStatus child = pool.status().getChildren(0);
    assertThat(pool.supervisor().err())
        .containsPattern("(?m)^\\[1 %d] .*worker ready on".formatted(child.getProcessId()));

    PoolProcess raw = clutch.pool(1, "--raw-output");
    assertThat(raw.supervisor().err())
        .containsPattern("(?m)^\\d\\d:\\d\\d:\\d\\d\\S* INFO  worker ready on");
  }

  @Test
  void theSameProgramRunsInAShellToo() {
    PoolProcess pool =
        clutch.pool(
            1,
            List.of(
                "--",
                "/bin/sh",
                "-c",
                "'%s' worker --main %s; exit $?"
                    .formatted(ClutchProcesses.SCRIPT, ClutchProcesses.DEMO_WORKER)));
    long worker = pool.status().getChildren(0).getProcessId();
    try (ClutchClient client = pool.client()) {
      assertThat(client.request("sleep", 0, Long.class)).isEqualTo(worker);
    }
    pool.supervisor().signal("HUP");
    await()
        .atMost(PoolProcess.LIMIT)
        .until(() -> !pool.events(PoolEvent.Kind.RESTART_DONE).isEmpty());

    assertThat(pool.pids()).doesNotContain(worker);
    assertThat(pool.stop()).isZero();
  }

  @Test
  void aWorkerEndsWithTheShellAroundIt() {
    PoolProcess pool =
        clutch.pool(
            1,
            List.of(
                "--",
                "/bin/sh",
                "-c",
                "'%s' worker --main %s; exit $?"
                    .formatted(ClutchProcesses.SCRIPT, ClutchProcesses.DEMO_WORKER)));
    ProcessHandle worker =
        ProcessHandle.of(pool.status().getChildren(0).getProcessId()).orElseThrow();

    worker.parent().orElseThrow().destroyForcibly();

    await().atMost(PoolProcess.LIMIT).until(() -> !worker.isAlive());
    pool.awaitChildren(1);
  }

  @Test
  void wrongUseInTheEnvironmentIsAnError() {
    clutch.with("CLUTCH_SPAWN_INTERVAL", "x");
    Result result = clutch.run("supervise", "--", "true");
    assertThat(result.err()).contains("CLUTCH_SPAWN_INTERVAL is 'x'");
    assertThat(result.exitCode()).isEqualTo(2);
  }
}
