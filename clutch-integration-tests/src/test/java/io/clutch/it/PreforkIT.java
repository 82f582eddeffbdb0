package io.clutch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import io.clutch.client.ClutchClient;
import io.clutch.it.ClutchProcesses.Result;
import io.clutch.it.ClutchProcesses.Running;
import io.clutch.supervisor.PoolException;
import io.clutch.supervisor.Supervisor;
import io.clutch.v1.PoolEvent;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Programs that supervise: one main for both modes, and a pool within a program. */
@Timeout(300)
final class PreforkIT {

  private static final String EXAMPLES = "io.clutch.examples.";

  @AutoClose private final ClutchProcesses clutch = ClutchProcesses.quick();

  @Test
  void theSameMainSupervisesAndServes() {
    Path control = clutch.temporaryFolder().resolve("control.sock");
    Running program =
        clutch
            .with("CLUTCH_ADDRESS", "127.0.0.1:0")
            .with("CLUTCH_CONTROL", control.toString())
            .startCommand(java("Preforked"));
    PoolProcess pool = new PoolProcess(program, control);
    pool.awaitReady();

    try (ClutchClient client = pool.client()) {
      assertThat(client.request("greet", "you", String.class)).isEqualTo("Hello, you");
      assertThat(pool.awaitChildren(2)).contains(client.request("pid", null, Long.class));
    }
    assertThat(pool.stop()).isZero();
  }

  @Test
  void withoutWorkersTheProgramServesAlone() {
    Running program =
        clutch
            .with("CLUTCH_ADDRESS", "127.0.0.1:0")
            .with("CLUTCH_MAX_WORKERS", "0")
            .startCommand(java("Preforked"));
    program.awaitReady();
    try (ClutchClient client = program.client()) {
      assertThat(client.request("pid", null, Long.class)).isEqualTo(program.pid());
    }
    assertThat(program.stop()).isZero();
  }

  @Test
  void aProgramKeepsAPoolOfItsOwn() {
    List<String> command = new ArrayList<>(java("OwnPool"));
    command.addAll(workerCommand());

    Result result = clutch.startCommand(command).awaitResult();

    assertThat(result.exitCode()).describedAs(result.err()).isZero();
    assertThat(result.out()).contains("is ready in", ":hello\n", ":hello again\n", "has gone");
  }

  @Test
  void operationsOfTheLibrarySayHowTheyWent() throws IOException {
    Queue<PoolEvent> events = new ConcurrentLinkedQueue<>();
    Supervisor supervisor =
        Supervisor.builder()
            .address("127.0.0.1:0")
            .controlPath(clutch.temporaryFolder().resolve("control.sock"))
            .maxWorkers(1)
            .command(workerCommand())
            .environment("JAVA_HOME", System.getProperty("java.home"))
            .output(OutputStream.nullOutputStream(), OutputStream.nullOutputStream())
            .listener(events::add)
            .listener(
                event -> {
                  throw new IllegalStateException("a listener that fails");
                })
            .start();
    try (supervisor) {
      assertThat(supervisor.scale(2))
          .succeedsWithin(PoolProcess.LIMIT.toSeconds(), TimeUnit.SECONDS);
      assertThat(supervisor.status().getChildrenCount()).isEqualTo(2);
      assertThat(supervisor.scale(0))
          .failsWithin(PoolProcess.LIMIT.toSeconds(), TimeUnit.SECONDS)
          .withThrowableThat()
          .havingCause()
          .isInstanceOf(PoolException.class)
          .withMessageContaining("max-workers is 0");
    }
    assertThat(supervisor.exitCode()).isCompletedWithValue(0);
    await()
        .atMost(PoolProcess.LIMIT)
        .until(() -> events.stream().anyMatch(event -> event.getKind() == PoolEvent.Kind.STOPPING));
    assertThat(events).extracting(PoolEvent::getKind).contains(PoolEvent.Kind.CHILD_READY);
    assertThat(supervisor.restart())
        .describedAs("after the end nobody answers, but nobody hangs either")
        .failsWithin(PoolProcess.LIMIT.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  void aSupervisorNeedsACommand() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Supervisor.builder().start())
        .withMessageContaining("the command is empty");
  }

  private static List<String> java(String example) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-cp",
        ClutchProcesses.ROOT.resolve("clutch-cli/target/clutch/lib") + "/*",
        EXAMPLES + example);
  }

  private static List<String> workerCommand() {
    return List.of(
        ClutchProcesses.SCRIPT.toString(), "worker", "--main", ClutchProcesses.DEMO_WORKER);
  }
}
