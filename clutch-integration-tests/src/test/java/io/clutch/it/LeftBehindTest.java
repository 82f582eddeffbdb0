package io.clutch.it;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class LeftBehindTest {

  private final LeftBehind leftBehind = new LeftBehind();

  @Test
  void aProcessThatOutlivesWhoeverStartedItIsFoundAndKilled() throws Exception {
    assumeTrue(Files.isDirectory(Path.of("/proc/self")), "there is no /proc");
    Process shell = start("sleep 600 >/dev/null 2>&1 & echo $!");
    long orphan =
        Long.parseLong(new String(shell.getInputStream().readAllBytes(), US_ASCII).strip());
    assertThat(shell.waitFor()).isZero();
    ProcessHandle process = ProcessHandle.of(orphan).orElseThrow();

    assertThatThrownBy(() -> leftBehind.awaitNone(Duration.ofMillis(200)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining(orphan + " ")
        .hasMessageContaining("sleep");
    process.onExit().get(60, TimeUnit.SECONDS);
    leftBehind.awaitNone(Duration.ofSeconds(60));
  }

  @Test
  void whatOthersStartedIsNotItsConcern() throws Exception {
    Process other = new ProcessBuilder("sleep", "600").start();
    try {
      assertThat(start("exit 0").waitFor()).isZero();

      leftBehind.awaitNone(Duration.ofSeconds(60));

      assertThat(other.isAlive()).isTrue();
    } finally {
      other.destroyForcibly();
    }
  }

  private Process start(String script) throws IOException {
    ProcessBuilder builder = new ProcessBuilder("/bin/sh", "-c", script);
    builder.environment().put(LeftBehind.VARIABLE, leftBehind.mark());
    return builder.start();
  }
}
