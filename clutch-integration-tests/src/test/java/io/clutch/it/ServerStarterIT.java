package io.clutch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.clutch.client.ClutchClient;
import io.clutch.it.ClutchProcesses.Running;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Under the real Server::Starter, Debian's libserver-starter-perl. */
@Order(1)
@Timeout(300)
final class ServerStarterIT {

  /** Longer than a pool takes to become ready, or to give up, on a slow machine. */
  private static final String INTERVAL = "15";

  @AutoClose private final ClutchProcesses clutch = ClutchProcesses.quick();

  private Path control;
  private String address;

  @BeforeEach
  void prepare() throws IOException {
    assumeTrue(
        Stream.of("/usr/bin/start_server", "/usr/local/bin/start_server")
            .anyMatch(path -> Files.isExecutable(Path.of(path))),
        "start_server is not installed (Debian: libserver-starter-perl)");
    control = clutch.temporaryFolder().resolve("control.sock");
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      address = "127.0.0.1:" + free.getLocalPort();
    }
  }

  @Test
  void deploysUnderLoadLoseNothingAndBrokenOnesChangeNothing()
      throws IOException, InterruptedException {
    Path program = clutch.temporaryFolder().resolve("jobs");
    String good =
        "#!/bin/sh\nexec '%s' worker --main %s\n"
            .formatted(ClutchProcesses.SCRIPT, ClutchProcesses.DEMO_WORKER);
    write(program, good);
    Running starter =
        clutch.startCommand(
            List.of(
                "start_server",
                "--port",
                address,
                "--signal-on-hup=USR1",
                "--interval=" + INTERVAL,
                "--",
                ClutchProcesses.SCRIPT.toString(),
                "supervise",
                "--max-workers",
                "2",
                "--control",
                control.toString(),
                "--",
                program.toString()));
    PoolProcess pool = new PoolProcess(starter, control);
    pool.awaitReady();
    assertThat(pool.status().getServerStarterGeneration()).isEqualTo(1);
    List<Long> first = pool.awaitChildren(2);
    try (PoolLoad load = new PoolLoad(address, 4)) {
      load.awaitMore();

      starter.signal("HUP");
      pool.awaitStatus(status -> status.getServerStarterGeneration() == 2);
      await()
          .atMost(PoolProcess.LIMIT)
          .until(
              () -> first.stream().map(ProcessHandle::of).noneMatch(java.util.Optional::isPresent));
      load.awaitMore();
      assertThat(load.failures()).isEmpty();

      List<Long> second = pool.awaitChildren(2);
      write(program, "#!/bin/sh\necho broken >&2\nexit 3\n");
      starter.signal("HUP");
      starter.awaitErr("broken");
      starter.awaitErr("did not become ready");
      load.awaitMore();
      assertThat(pool.awaitChildren(2)).isEqualTo(second);
      assertThat(pool.status().getServerStarterGeneration()).isEqualTo(2);
      write(program, good);
      load.awaitMore();
      assertThat(load.failures()).isEmpty();
    }
    starter.terminate();
    starter.awaitExit();
  }

  @Test
  void aWorkerAloneTakesTheSocketToo() {
    Running starter =
        clutch.startCommand(
            List.of(
                "start_server",
                "--port",
                address,
                "--",
                ClutchProcesses.SCRIPT.toString(),
                "worker",
                "--main",
                ClutchProcesses.DEMO_WORKER));
    starter.awaitErr("worker ready on " + address);
    try (ClutchClient client =
        ClutchClient.builder().servers(address).timeout(PoolProcess.LIMIT).build()) {
      assertThat(client.request("echo", "x", String.class)).endsWith(":x");
    }

    starter.terminate();

    starter.awaitErr("worker stopped");
    starter.awaitExit();
  }

  private static void write(Path program, String text) throws IOException {
    Path fresh = program.resolveSibling("fresh");
    Files.writeString(fresh, text);
    assertThat(fresh.toFile().setExecutable(true)).isTrue();
    Files.move(fresh, program, StandardCopyOption.REPLACE_EXISTING);
  }
}
