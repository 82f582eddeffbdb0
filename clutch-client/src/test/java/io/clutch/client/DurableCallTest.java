package io.clutch.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableSet;
import com.google.protobuf.Message;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.v1.Acceptance;
import io.clutch.v1.EnqueueRequest;
import io.clutch.v1.StreamedCall;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Durable calls until they are accepted. */
@Timeout(120)
final class DurableCallTest {

  private static final Duration LONG = Duration.ofSeconds(40);
  private static final JobOptions MINE =
      JobOptions.DEFAULT.withJobId("mine").withUniqueKey("key").withMaxAttempts(2);

  private final FakeJobs worker;
  private ClutchClient client;

  DurableCallTest() throws IOException {
    worker = new FakeJobs();
    client = client(worker.address());
  }

  /** The connection was lost, as far as the client can tell. */
  private static ClutchException lost() {
    return ClutchException.builder(Reason.UNAVAILABLE, Started.UNKNOWN, "lost").build();
  }

  @AfterEach
  void stop() {
    client.close();
    worker.close();
  }

  private static ClutchClient client(String... servers) {
    return ClutchClient.builder().servers(servers).timeout(LONG).build();
  }

  @Test
  void theOptionsTravelInAnRpcOfTheirOwn() {
    assertThat(client.requestBackground("note", "x", MINE)).isEqualTo("mine");

    EnqueueRequest call = enqueued().get(0);
    assertThat(call.getFunction()).isEqualTo("note");
    assertThat(call.getPayload().getJson()).isEqualTo("\"x\"");
    assertThat(call.getDurable()).isEqualTo(MINE.toProto());
  }

  @Test
  void theOptionsTravelOnAStreamAndTheIdComesBackInTheAcceptance() throws Exception {
    try (ScriptedWorker scripted = new ScriptedWorker();
        ClutchClient client = client(scripted.address())) {
      CompletableFuture<String> id =
          client.requestBackgroundAsync(Request.of("note", "x").durable(MINE));
      ScriptedWorker.Stream stream = scripted.stream(1);
      StreamedCall call = stream.call("note");

      assertThat(call.getBackground()).isTrue();
      assertThat(call.getDurable()).isEqualTo(MINE.toProto());
      stream.say(
          m ->
              m.addAccepted(
                  Acceptance.newBuilder()
                      .setId(call.getId())
                      .setCallId("call")
                      .setJobId("of the first")
                      .setExisted(true)));
      assertThat(id).succeedsWithin(LONG).isEqualTo("of the first");
    }
  }

  @Test
  void aStreamThatIsLostHasTheCallSentAgainWithTheSameId() throws Exception {
    try (ScriptedWorker scripted = new ScriptedWorker();
        ClutchClient client = client(scripted.address())) {
      CompletableFuture<String> id =
          client.requestBackgroundAsync(Request.of("note", "x").durable());
      String jobId = "";
      // One more than processes may be lost over an idempotent call.
      for (int i = 0; i <= CallHistory.MOST_LOSSES; i++) {
        ScriptedWorker.Stream stream = scripted.stream(1);
        StreamedCall call = stream.call("note");
        assertThat(call.getDurable().getJobId()).isNotEmpty();
        assertThat(jobId).isIn("", call.getDurable().getJobId());
        jobId = call.getDurable().getJobId();
        stream.fail(io.grpc.Status.UNAVAILABLE.withDescription("lost"));
      }

      ScriptedWorker.Stream stream = scripted.stream(1);
      StreamedCall call = stream.call("note");
      stream.say(
          m ->
              m.addAccepted(
                  Acceptance.newBuilder()
                      .setId(call.getId())
                      .setJobId(call.getDurable().getJobId())));
      assertThat(id).succeedsWithin(LONG).isEqualTo(jobId);
    }
  }

  @Test
  void theClientMakesAnIdOfItsOwnForEachCall() {
    String first = client.requestBackground("note", "x", JobOptions.DEFAULT);
    String second = client.requestBackground("note", "x", JobOptions.DEFAULT);

    assertThat(UUID.fromString(first).version()).isEqualTo(7);
    assertThat(first).isLessThan(second);
    assertThat(enqueued())
        .extracting(call -> call.getDurable().getJobId())
        .containsExactly(first, second);
  }

  @Test
  void aCallIsRepeatedWithTheSameIdHoweverOftenItsWorkerIsLost() {
    worker.refuse(lost(), lost(), lost(), lost(), lost());

    String id = client.requestBackground("note", "x", JobOptions.DEFAULT);

    assertThat(enqueued()).hasSize(6);
    assertThat(ImmutableSet.copyOf(enqueued())).hasSize(1);
    assertThat(id).isEqualTo(enqueued().get(0).getDurable().getJobId());
  }

  @Test
  void aStoreThatCannotBeWrittenIsWaitedFor() {
    worker.refuse(
        ClutchException.notStarted(Reason.STORE_UNAVAILABLE, "full"),
        ClutchException.builder(Reason.STORE_UNAVAILABLE, Started.UNKNOWN, "full").build());

    assertThat(client.requestBackground("note", "x", MINE)).isEqualTo("mine");

    assertThat(enqueued()).hasSize(3);
  }

  @Test
  void aStoreThatStaysThatWayIsTheErrorAtTheDeadline() {
    worker.acceptances =
        call -> {
          throw ClutchException.notStarted(Reason.STORE_UNAVAILABLE, "the disk is full");
        };

    ClutchException failure = Failures.of(() -> client.requestBackground(briefly()));

    assertThat(failure.reason()).isEqualTo(Reason.STORE_UNAVAILABLE);
    assertThat(failure.started()).isEqualTo(Started.NO);
    assertThat(failure)
        .hasMessageContaining("no worker took the call within 2 s")
        .hasMessageContaining("the disk is full");
  }

  @Test
  void aCallThatMayHaveBeenAcceptedSaysSo() {
    worker.refuse(lost());
    worker.acceptances =
        call -> {
          throw ClutchException.notStarted(Reason.STORE_UNAVAILABLE, "the disk is full");
        };

    ClutchException failure = Failures.of(() -> client.requestBackground(briefly()));

    assertThat(failure.reason()).isEqualTo(Reason.STORE_UNAVAILABLE);
    assertThat(failure.started()).isEqualTo(Started.UNKNOWN);
    assertThat(failure).hasMessageContaining("the disk is full");
  }

  private static Request<?> briefly() {
    return Request.of("note", "x").durable().withTimeout(Duration.ofSeconds(2));
  }

  @Test
  void aWorkerWithoutAStoreRefusesAtOnce() {
    worker.refuse(ClutchException.notStarted(Reason.NO_STORE, "no store here"));

    ClutchException failure = Failures.of(() -> client.requestBackground("note", "x", MINE));

    assertThat(failure.reason()).isEqualTo(Reason.NO_STORE);
    assertThat(enqueued()).hasSize(1);
  }

  @Test
  void aWorkerThatKnowsNoDurableCallsIsFoundOut() throws Exception {
    try (ScriptedWorker old = new ScriptedWorker();
        ClutchClient client = client(old.address())) {
      CompletableFuture<String> id =
          client.requestBackgroundAsync(Request.of("note", "x").durable());
      ScriptedWorker.Stream stream = old.stream(1);
      stream.accept(stream.call("note"), "call");

      ClutchException failure = Failures.of(() -> Futures.await(id));
      assertThat(failure.reason()).isEqualTo(Reason.UNSUPPORTED);
      assertThat(failure.started()).isEqualTo(Started.UNKNOWN);
    }
  }

  @Test
  void onlyBackgroundCallsAreDurable() {
    Request<Void> durable = Request.of("note", "x").durable();

    assertThatThrownBy(() -> client.request(durable))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("note")
        .hasMessageContaining("requestBackground");
    assertThatThrownBy(() -> client.requestAsync(durable))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> client.requestMulti(List.of(Request.of("note", "y"), durable)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(worker.asked()).isEmpty();
  }

  @Test
  void manyCallsMayBeDurableOrNot() {
    List<Outcome<String>> outcomes =
        client.requestBackgroundMulti(
            List.of(Request.of("note", "a").durable(MINE), Request.of("note", "b")));

    assertThat(outcomes).extracting(Outcome::result).containsExactly("mine", "call");
  }

  private List<EnqueueRequest> enqueued() {
    List<Message> asked = worker.asked();
    return asked.stream()
        .filter(EnqueueRequest.class::isInstance)
        .map(EnqueueRequest.class::cast)
        .toList();
  }
}
