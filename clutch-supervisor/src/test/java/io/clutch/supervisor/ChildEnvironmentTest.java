package io.clutch.supervisor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableMap;
import io.clutch.process.Overrides;
import io.clutch.protocol.ServerAddress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What a supervisor is told reaches its children, its files and its sockets. */
@EnabledOnOs(OS.LINUX)
class ChildEnvironmentTest {

  @TempDir Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private SupervisorBuilder builder;

  @BeforeEach
  void describe() {
    builder =
        Supervisor.builder()
            .command("/bin/sh", "-c", "env; echo END; exec sleep 600")
            .maxWorkers(1)
            .address("127.0.0.1:0")
            .controlPath(folder.resolve("control.sock"))
            .rawOutput(true)
            .output(out, out);
  }

  @Test
  void optionsOfTheWorkersBecomeTheirEnvironment() throws IOException {
    builder
        .timeout(Duration.ofMillis(1500))
        .concurrency(8)
        .gracefulTimeout(Duration.ofMinutes(1))
        .environment("STAGE", "test");

    assertThat(environmentOfAChild())
        .contains(
            "CLUTCH_TIMEOUT=1.500000000s",
            "CLUTCH_CONCURRENCY=8",
            "CLUTCH_GRACEFUL_TIMEOUT=60.000000000s",
            "STAGE=test");
  }

  @Test
  void whatIsNotSaidIsLeftToTheirProgram() throws IOException {
    assertThat(environmentOfAChild())
        .noneMatch(line -> line.matches("CLUTCH_(TIMEOUT|CONCURRENCY|GRACEFUL_TIMEOUT)=.*"))
        .contains("CLUTCH_SLOT=1", "CLUTCH_GENERATION=1");
  }

  @Test
  void whatIsSaidFromOutsideReachesThemToo() throws IOException {
    builder
        .timeout(Duration.ofSeconds(1))
        .from(
            new Overrides(
                name -> null,
                ImmutableMap.of("CLUTCH_TIMEOUT", "3s", "CLUTCH_CONCURRENCY", "2")::get));

    assertThat(environmentOfAChild())
        .contains("CLUTCH_TIMEOUT=3.000000000s", "CLUTCH_CONCURRENCY=2");
  }

  @Test
  void listensOnEachAddressAndKeepsTheFiles() throws IOException {
    Path pidFile = folder.resolve("clutch.pid");
    Path statusFile = folder.resolve("clutch.status");
    builder
        .address("127.0.0.1:0, [::1]:0")
        .from(
            new Overrides(
                name -> null,
                ImmutableMap.of(
                        "CLUTCH_PID_FILE", pidFile.toString(),
                        "CLUTCH_STATUS_FILE", statusFile.toString())
                    ::get));

    try (Supervisor supervisor = builder.start()) {
      assertThat(supervisor.addresses())
          .hasSize(2)
          .allMatch(address -> ServerAddress.parse(address).port() > 0);
      assertThat(supervisor.addresses().get(1)).startsWith("[::1]:");
      assertThat(pidFile).hasContent(ProcessHandle.current().pid() + "\n");
      await().untilAsserted(() -> assertThat(statusFile).content().matches("1:\\d+\n"));
    }

    assertThat(pidFile).doesNotExist();
    assertThat(statusFile).doesNotExist();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void anAddressThatIsTakenIsNamedAndNothingIsLeftBehind() throws IOException {
    Path pidFile = folder.resolve("clutch.pid");
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();

      assertThatThrownBy(() -> builder.address(address).pidFile(pidFile).start())
          .isInstanceOf(IOException.class)
          .hasMessageContaining(address);
    }

    assertThat(folder).isEmptyDirectory();
  }

  private List<String> environmentOfAChild() throws IOException {
    try (Supervisor supervisor = builder.start()) {
      assertThat(supervisor.addresses()).hasSize(1);
      await().until(() -> out.toString(UTF_8).contains("END\n"));
      return out.toString(UTF_8).lines().toList();
    }
  }
}
