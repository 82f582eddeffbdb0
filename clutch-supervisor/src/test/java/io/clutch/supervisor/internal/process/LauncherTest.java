package io.clutch.supervisor.internal.process;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableList;
import io.clutch.process.InheritedSockets;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What children find when they start, and where their output goes. */
@EnabledOnOs(OS.LINUX)
class LauncherTest {

  private final TestChildren children = new TestChildren();

  @AfterEach
  void endChildren() {
    children.close();
  }

  @Test
  void aChildKnowsItsSupervisorItsSlotAndItsGeneration() throws Exception {
    ChildProcess child =
        children.start("echo $CLUTCH_SUPERVISOR $CLUTCH_SLOT $CLUTCH_GENERATION", 3, 12345678901L);

    assertThat(exitCode(child)).isZero();
    await().until(() -> children.out().equals("/run/test/control.sock 3 12345678901\n"));
  }

  @Test
  void aChildHasTheEnvironmentOfThisProcessAndMore() throws Exception {
    ChildProcess child =
        children.environment("CLUTCH_TIMEOUT", "10s").start("echo $CLUTCH_TIMEOUT; echo $PATH");

    assertThat(exitCode(child)).isZero();
    assertThat(child.lastLines()).isEqualTo("10s\n" + System.getenv("PATH"));
  }

  @Test
  void aChildReadsNothing() throws Exception {
    ChildProcess child = children.start("cat; echo end");

    assertThat(exitCode(child)).isZero();
    assertThat(child.lastLines()).isEqualTo("end");
  }

  @Test
  void whatTheServiceManagerSaidIsNotPassedOn() throws Exception {
    // Within a process of its own, for this one's environment cannot be changed.
    ProcessBuilder builder =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                EnvironmentOfAChild.class.getName())
            .redirectErrorStream(true);
    InheritedSockets.VARIABLES.forEach(name -> builder.environment().put(name, "1"));
    builder.environment().put("NOTIFY_SOCKET", "/run/notify");
    builder.environment().put("WATCHDOG_USEC", "1000000");
    builder.environment().put("WATCHDOG_PID", "1");
    builder.environment().put("STAYS", "yes");
    Process process = builder.start();
    try (var output = process.inputReader()) {
      ImmutableList<String> lines = output.lines().collect(ImmutableList.toImmutableList());

      assertThat(lines)
          .contains("STAYS=yes", "CLUTCH_SLOT=1")
          .noneMatch(line -> line.matches("(LISTEN_|SERVER_STARTER_|NOTIFY_|WATCHDOG_).*"));
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void eachLineSaysWhoseItIs() throws Exception {
    ChildProcess child = children.prefixed().start("echo one; echo two; echo bad >&2", 2, 7);

    assertThat(exitCode(child)).isZero();
    String prefix = "[2 " + child.pid() + "] ";
    await().until(() -> children.out().equals(prefix + "one\n" + prefix + "two\n"));
    await().until(() -> children.err().equals(prefix + "bad\n"));
  }

  @Test
  void rawLinesArePassedOnAsTheyAre() throws Exception {
    ChildProcess child = children.start("echo '{\"a\":1}'; printf 'no end'");

    assertThat(exitCode(child)).isZero();
    await().until(() -> children.out().equals("{\"a\":1}\nno end\n"));
  }

  @Test
  void aProgramThatDoesNotExistIsNamed() {
    assertThatThrownBy(() -> children.launch(ImmutableList.of("/no/such/program"), 1, 1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("/no/such/program");
  }

  private static int exitCode(ChildProcess child) throws Exception {
    return child.onExit().get(20, SECONDS);
  }
}
