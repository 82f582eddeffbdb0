package io.clutch.worker;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.Uninterruptibles;
import io.clutch.process.Place;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.ClutchVersion;
import io.clutch.protocol.Durations;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.v1.AttachRequest;
import io.clutch.v1.AttachRequest.MessageCase;
import io.clutch.v1.AttachRequest.Retiring;
import io.clutch.v1.CallResponse;
import io.clutch.v1.DescribeRequest;
import io.clutch.v1.DescribeResponse;
import io.clutch.worker.internal.sockets.Handover;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A worker in a pool: what it says to its supervisor, and what it does when it is told. */
@EnabledOnOs(OS.LINUX)
class SupervisionTest {

  private static final Duration GRACEFUL = Duration.ofSeconds(20);

  @TempDir Path folder;

  private final CountDownLatch release = new CountDownLatch(1);
  private FakeSupervisor supervisor;
  private SupervisedWorker worker;
  private @Nullable Handover handover;
  private @Nullable TestCaller caller;

  @BeforeEach
  void start() throws IOException {
    supervisor = new FakeSupervisor(folder.resolve("control.sock"));
    worker =
        new SupervisedWorker(
            new Place(supervisor.socket(), 3, 7),
            GRACEFUL,
            builder ->
                builder
                    .timeout(Duration.ofMillis(100))
                    .function("one", () -> 1)
                    .function("deaf", () -> Uninterruptibles.awaitUninterruptibly(release)));
  }

  @AfterEach
  void stop() throws Exception {
    release.countDown();
    if (caller != null) {
      caller.close();
    }
    if (handover != null) {
      handover.close();
    }
    worker.close();
    supervisor.close();
  }

  @Test
  void itPresentsItselfAndIsReadyWhenItServes() throws Exception {
    worker.serve();

    AttachRequest.Hello hello = supervisor.await(MessageCase.HELLO).getHello();
    assertThat(hello.getSlot()).isEqualTo(3);
    assertThat(hello.getGeneration()).isEqualTo(7);
    assertThat(hello.getProcessId()).isEqualTo(ProcessHandle.current().pid());
    assertThat(hello.getVersion()).isEqualTo(ClutchVersion.get());
    AttachRequest.Ready ready = supervisor.await(MessageCase.READY).getReady();
    assertThat(Path.of(ready.getDescriptorSocket())).exists();
    assertThat(Durations.fromProto(ready.getGracefulTimeout())).isEqualTo(GRACEFUL);
    assertThat(ready.getConcurrency()).isEqualTo(1);
    assertThat(Path.of(ready.getSiblingSocket())).exists();
    handover = new Handover(Path.of(ready.getDescriptorSocket()));
  }

  @Test
  void itServesWhatItIsHandedAndSaysWhenAConnectionHasEnded() throws Exception {
    serve();

    assertThat(caller.call("one", null, Integer.class)).isEqualTo(1);
    caller.close();

    AttachRequest closed = supervisor.await(MessageCase.CONNECTIONS_CLOSED);
    assertThat(closed.getConnectionsClosed().getNumbersList()).containsExactly(1L);
  }

  @Test
  void itsHeartbeatsCountItsCalls() throws Exception {
    serve();
    caller.call("one", null);
    ListenableFuture<CallResponse> unused = caller.start("deaf", null);

    await()
        .untilAsserted(
            () -> {
              AttachRequest.Heartbeat beat = supervisor.await(MessageCase.HEARTBEAT).getHeartbeat();
              assertThat(beat.getHandled()).isEqualTo(2);
              assertThat(beat.getInFlight()).isEqualTo(1);
            });
  }

  @Test
  void itKnowsItsPlaceAndHowManyTheyAre() throws Exception {
    serve();
    DescribeResponse description = caller.stub().describe(DescribeRequest.getDefaultInstance());
    assertThat(description.getSlot()).isEqualTo(3);
    assertThat(description.getPoolSize()).isEqualTo(4);

    supervisor.poolSize(6);

    await()
        .until(
            () -> caller.stub().describe(DescribeRequest.getDefaultInstance()).getPoolSize() == 6);
  }

  @Test
  void toldToDrainItEndsWithinTheTimeItIsGiven() throws Exception {
    serve();
    CompletableFuture<Duration> end = worker.awaitEnd();
    assertThat(end).isNotDone();

    supervisor.drain(Duration.ofSeconds(9));

    assertThat(end.get(10, SECONDS)).isEqualTo(Duration.ofSeconds(9));
    handover.end();
    worker.close();
    supervisor.awaitChildEnded();
    assertThat(supervisor.hasReceived(MessageCase.RETIRING)).isFalse();
  }

  @Test
  void toldToStopBySomeoneElseItSaysSo() throws Exception {
    serve();
    CompletableFuture<Duration> end = worker.awaitEnd();

    worker.stop();

    assertThat(end.get(10, SECONDS)).isEqualTo(GRACEFUL);
    assertThat(supervisor.await(MessageCase.RETIRING).getRetiring().getReason())
        .isEqualTo(Retiring.Reason.TOLD_TO_STOP);
  }

  @Test
  void itAsksToBeDrainedAndGoesAheadAloneWhereThereIsNoAnswer() throws Exception {
    serve();
    CompletableFuture<Duration> end = worker.awaitEnd();

    assertThat(worker.askForDrain()).isTrue();
    assertThat(worker.askForDrain()).isFalse();

    assertThat(supervisor.await(MessageCase.RETIRING).getRetiring().getReason())
        .isEqualTo(Retiring.Reason.TOLD_TO_STOP);
    assertThat(end.get(10, SECONDS)).isEqualTo(GRACEFUL);
  }

  @Test
  void whenItHasTakenAllTheCallsThatItMayItWantsToBeReplaced() throws Exception {
    supervisor.welcome().setMaxRequests(2);
    serve();
    caller.call("one", null);
    assertThat(supervisor.hasReceived(MessageCase.RETIRING)).isFalse();

    caller.call("one", null);

    assertThat(supervisor.await(MessageCase.RETIRING).getRetiring().getReason())
        .isEqualTo(Retiring.Reason.REQUEST_LIMIT);
    ClutchException failure = TestCaller.failureOf(() -> caller.call("one", null));
    assertThat(failure.reason()).isEqualTo(Reason.DRAINING);
    assertThat(failure.started()).isEqualTo(Started.NO);
  }

  @Test
  void aFunctionThatGoesOnAfterItsTimeIsReportedAndNobodyWaitsBehindIt() throws Exception {
    supervisor.welcome().setKillGrace(Durations.toProto(Duration.ofMillis(100)));
    try (LogCapture log = new LogCapture()) {
      serve();
      // On a connection that is open, calls arrive in their order.
      caller.call("one", null);
      ListenableFuture<CallResponse> hanging = caller.start("deaf", null);
      ListenableFuture<CallResponse> waiting = caller.start("one", null);

      AttachRequest.Hung hung = supervisor.await(MessageCase.HUNG).getHung();

      assertThat(hung.getFunction()).isEqualTo("deaf");
      assertThat(hung.getCallId()).isNotEmpty();
      assertThat(hung.getThreadDump())
          .startsWith("\"clutch-function-0\"")
          .contains("SupervisionTest");
      assertThat(TestCaller.failureOf(hanging).reason()).isEqualTo(Reason.FUNCTION_TIMEOUT);
      ClutchException dropped = TestCaller.failureOf(waiting);
      assertThat(dropped.reason()).isEqualTo(Reason.DRAINING);
      assertThat(dropped.started()).isEqualTo(Started.NO);
      assertThat(log.messages(Level.ERROR))
          .singleElement()
          .asString()
          .contains("deaf", hung.getCallId());
    }
  }

  @Test
  void whereTheSupervisorDoesNotWantItTheReasonIsSaid() {
    supervisor.refuse(Status.FAILED_PRECONDITION.withDescription("slot 3 is taken"));

    assertThatThrownBy(worker::serve)
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(supervisor.socket().toString(), "slot 3 is taken");

    assertThatNoThreadIsLeft();
  }

  @Test
  void whereThereIsNoSupervisorThePathIsNamedAndTheCause() throws Exception {
    Path nowhere = folder.resolve("nowhere.sock");
    SupervisedWorker lonely =
        new SupervisedWorker(new Place(nowhere, 1, 1), GRACEFUL, builder -> builder);

    assertThatThrownBy(lonely::serve)
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(nowhere.toString(), "FileNotFoundException");

    assertThatNoThreadIsLeft();
  }

  private void serve() throws Exception {
    worker.serve();
    handover = supervisor.awaitReady();
    caller = new TestCaller(handover.address());
  }

  private static void assertThatNoThreadIsLeft() {
    await()
        .untilAsserted(
            () ->
                assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .noneMatch(
                        name ->
                            name.startsWith("clutch-network")
                                || name.startsWith("clutch-supervision")));
  }
}
