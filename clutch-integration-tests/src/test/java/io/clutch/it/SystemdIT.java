package io.clutch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.clutch.client.ClutchClient;
import io.clutch.client.Outcome;
import io.clutch.client.Request;
import io.clutch.it.ClutchProcesses.Running;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What systemd does, done by a small program: a socket passed, notifications received. */
@Timeout(300)
final class SystemdIT {

  private static final int O_NONBLOCK = 04000;
  private static final Path PYTHON = Path.of("/usr/bin/python3");

  @AutoClose private final ClutchProcesses clutch = ClutchProcesses.quick();

  private Path control;
  private Path notifications;
  private String port;

  @BeforeEach
  void prepare() throws IOException {
    assumeTrue(Files.isExecutable(PYTHON), "there is no " + PYTHON);
    control = clutch.temporaryFolder().resolve("control.sock");
    notifications = clutch.temporaryFolder().resolve("notifications");
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = String.valueOf(free.getLocalPort());
    }
  }

  private Running activate(String where, String... command) {
    List<String> all =
        new ArrayList<>(
            List.of(
                PYTHON.toString(),
                Path.of("src", "test", "systemd", "activate.py").toString(),
                notifications.toString(),
                where,
                "400000",
                ClutchProcesses.SCRIPT.toString()));
    all.addAll(List.of(command));
    return clutch.startCommand(all);
  }

  @Test
  void aPoolIsActivatedAndNotifies() throws IOException {
    Running service =
        activate(
            port,
            "supervise",
            "--max-workers",
            "2",
            "--control",
            control.toString(),
            "--main",
            ClutchProcesses.DEMO_WORKER);
    PoolProcess pool = new PoolProcess(service, control);
    pool.awaitReady();

    assertThat(pool.address()).isEqualTo("127.0.0.1:" + port);
    assertThat(flags(pool.status().getProcessId(), 3) & O_NONBLOCK)
        .describedAs("a socket that blocks would hold up all, where two processes share it")
        .isNotZero();
    try (ClutchClient client = pool.client()) {
      assertThat(client.request("echo", "x", String.class)).endsWith(":x");
    }
    awaitNotification("READY=1");
    awaitNotification("STATUS=2 of 2 children ready");
    awaitNotification("WATCHDOG=1");
    service.signal("HUP");
    awaitNotification("RELOADING=1");
    await()
        .atMost(PoolProcess.LIMIT)
        .until(() -> notes().stream().filter("READY=1"::equals).count() == 2);
    assertThat(notes()).anyMatch(note -> note.matches("MONOTONIC_USEC=\\d+"));
    assertThat(service.stop()).isZero();
    assertThat(notes()).contains("STOPPING=1");
  }

  @Test
  void aWorkerAloneTakesTheSocket() {
    Running service = activate(port, "worker", "--main", ClutchProcesses.DEMO_WORKER);
    service.awaitErr("worker ready on 127.0.0.1:" + port);
    try (ClutchClient client =
        ClutchClient.builder().servers("127.0.0.1:" + port).timeout(PoolProcess.LIMIT).build()) {
      assertThat(client.request("echo", "x", String.class)).endsWith(":x");
    }
    assertThat(service.stop()).isZero();
  }

  @Test
  void aPoolServesOnAPathToo() throws IOException {
    Path path = clutch.temporaryFolder().resolve("jobs.sock");
    Running service =
        activate(
            path.toString(),
            "supervise",
            "--max-workers",
            "2",
            "--control",
            control.toString(),
            "--main",
            ClutchProcesses.DEMO_WORKER);
    PoolProcess pool = new PoolProcess(service, control);
    pool.awaitReady();
    try (ClutchClient client =
        ClutchClient.builder().servers("unix:" + path).timeout(PoolProcess.LIMIT).build()) {
      assertThat(client.requestMulti(Collections.nCopies(2, Request.of("sleep", 100, Long.class))))
          .extracting(Outcome::result)
          .containsExactlyInAnyOrderElementsOf(pool.pids());
    }
    assertThat(service.stop()).isZero();
  }

  @Test
  void aDescriptorThatIsNoSocketIsAnError() {
    clutch.with("SERVER_STARTER_PORT", "127.0.0.1:9501=0");

    Running worker = clutch.start("worker", "--main", ClutchProcesses.DEMO_WORKER);

    assertThat(worker.awaitExit()).isNotZero();
    assertThat(worker.err()).contains("descriptor 0 ('127.0.0.1:9501' in SERVER_STARTER_PORT)");
  }

  private static int flags(long pid, int descriptor) throws IOException {
    Path info = Path.of("/proc", String.valueOf(pid), "fdinfo", String.valueOf(descriptor));
    return Files.readAllLines(info).stream()
        .filter(line -> line.startsWith("flags:"))
        .mapToInt(line -> Integer.parseInt(line.substring(6).strip(), 8))
        .findFirst()
        .orElseThrow();
  }

  private void awaitNotification(String text) {
    await().atMost(PoolProcess.LIMIT).until(() -> notes().contains(text));
  }

  private List<String> notes() {
    try {
      return Files.exists(notifications) ? Files.readAllLines(notifications) : List.of();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
