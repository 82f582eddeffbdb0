package io.clutch.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.ListenableFuture;
import io.clutch.v1.AttachRequest.MessageCase;
import io.clutch.v1.AttachRequest.Retiring;
import io.clutch.v1.CallResponse;
import io.clutch.worker.internal.sockets.Handover;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** How the process of a child ends. */
@EnabledOnOs(OS.LINUX)
class SupervisedProcessTest {

  @TempDir Path folder;

  private FakeSupervisor supervisor;
  private Path output;
  private Process process;

  @BeforeEach
  void startSupervisor() throws IOException {
    supervisor = new FakeSupervisor(folder.resolve("control.sock"));
    output = folder.resolve("output");
  }

  @AfterEach
  void stop() throws Exception {
    process.destroyForcibly().waitFor();
    supervisor.close();
  }

  @Test
  void whenItsSupervisorHasGoneItExits() throws Exception {
    startChild("20s");
    try (Handover handover = supervisor.awaitReady();
        TestCaller caller = new TestCaller(handover.address())) {
      assertThat(caller.call("one", null, Integer.class)).isEqualTo(1);
    }

    supervisor.vanish();

    assertThat(exitCode()).isZero();
    assertThat(output).content().contains("the supervisor has gone");
  }

  @Test
  void withoutASupervisorItDoesNotWaitForeverForItsCalls() throws Exception {
    startChild("300ms");
    try (Handover handover = supervisor.awaitReady();
        TestCaller caller = new TestCaller(handover.address())) {
      ListenableFuture<CallResponse> hanging = caller.start("hang", null);
      awaitOneInFlight();

      supervisor.vanish();
      handover.end();

      assertThat(exitCode()).isEqualTo(Worker.EXIT_CALLS_GIVEN_UP);
      assertThat(TestCaller.failureOf(hanging)).isNotNull();
    }
  }

  @Test
  void atTermItAsksToBeDrainedAndExitsWhenItIs() throws Exception {
    startChild("20s");
    try (Handover handover = supervisor.awaitReady()) {
      process.destroy();

      assertThat(supervisor.await(MessageCase.RETIRING).getRetiring().getReason())
          .isEqualTo(Retiring.Reason.TOLD_TO_STOP);
      supervisor.drain(Duration.ofSeconds(10));
      handover.end();

      assertThat(exitCode()).isZero();
      supervisor.awaitChildEnded();
    }
  }

  @Test
  void afterAFatalErrorItSaysSoAndExitsWithItsOwnCode() throws Exception {
    startChild("20s");
    try (Handover handover = supervisor.awaitReady();
        TestCaller caller = new TestCaller(handover.address())) {
      ListenableFuture<CallResponse> unused = caller.start("exhaust", null);

      assertThat(supervisor.await(MessageCase.RETIRING).getRetiring().getReason())
          .isEqualTo(Retiring.Reason.FATAL_ERROR);
      supervisor.drain(Duration.ofSeconds(10));
      handover.end();

      assertThat(exitCode()).isEqualTo(Worker.EXIT_FATAL_ERROR);
    }
  }

  @Test
  void whereItIsNotWantedItExitsWithTheReason() throws Exception {
    supervisor.refuse(Status.FAILED_PRECONDITION.withDescription("slot 2 is taken"));

    startChild("20s");

    assertThat(exitCode()).isEqualTo(1);
    assertThat(output).content().contains("slot 2 is taken");
  }

  private void awaitOneInFlight() {
    Awaitility.await()
        .until(() -> supervisor.await(MessageCase.HEARTBEAT).getHeartbeat().getInFlight() == 1);
  }

  private void startChild(String gracefulTimeout) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                SupervisedProgram.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("CLUTCH_SUPERVISOR", supervisor.socket().toString());
    builder.environment().put("CLUTCH_SLOT", "2");
    builder.environment().put("CLUTCH_GENERATION", "1");
    builder.environment().put("CLUTCH_GRACEFUL_TIMEOUT", gracefulTimeout);
    process = builder.start();
  }

  private int exitCode() throws Exception {
    assertThat(process.waitFor(20, TimeUnit.SECONDS))
        .as("the end of the child; it printed:\n%s", Files.readString(output, UTF_8))
        .isTrue();
    return process.exitValue();
  }
}
