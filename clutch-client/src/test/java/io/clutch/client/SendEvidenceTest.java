package io.clutch.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.ErrorStatus;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.grpc.Attributes;
import io.grpc.ClientStreamTracer;
import io.grpc.ClientStreamTracer.StreamInfo;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class SendEvidenceTest {

  @Test
  void whatMissedAConnectionThatWasToldToGoAwayWasNotStarted() {
    SendEvidence evidence = new SendEvidence(() -> {});
    ClientStreamTracer tracer =
        evidence.newClientStreamTracer(StreamInfo.newBuilder().build(), new Metadata());
    tracer.streamCreated(Attributes.EMPTY, new Metadata());
    Status status = Status.UNAVAILABLE.withDescription("GOAWAY shut down transport");
    assertThat(evidence.started(status)).isEqualTo(Started.NO);

    tracer.outboundHeaders();

    assertThat(evidence.started(status)).isEqualTo(Started.UNKNOWN);
  }

  @Test
  void theEndOfAnRpcIsTold() {
    AtomicInteger ends = new AtomicInteger();
    ClientStreamTracer tracer =
        new SendEvidence(ends::incrementAndGet)
            .newClientStreamTracer(StreamInfo.newBuilder().build(), new Metadata());

    tracer.streamClosed(Status.CANCELLED);

    assertThat(ends).hasValue(1);
  }

  @Test
  void whatNeverHadAConnectionWasNotStarted() {
    assertThat(new SendEvidence(() -> {}).started(Status.UNAVAILABLE)).isEqualTo(Started.NO);
    assertThat(new SendEvidence(() -> {}).started(Status.DEADLINE_EXCEEDED)).isEqualTo(Started.NO);
  }

  @Test
  void aRefusedStreamWasNotStartedAndIsRepeated() throws IOException {
    assertRepeated(
        (connection, stream) -> connection.resetStream(stream, FakeHttp2Server.REFUSED_STREAM));
  }

  @Test
  void aStreamThatAGoawayDoesNotCoverWasNotStartedAndIsRepeated() throws IOException {
    assertRepeated(
        (connection, stream) -> {
          connection.goAway(0, FakeHttp2Server.NO_ERROR);
          connection.finish();
        });
  }

  @Test
  void aStreamThatAGoawayCoversMayHaveBeenStarted() throws IOException {
    try (FakeHttp2Server server =
        new FakeHttp2Server(
            (connection, stream) -> {
              connection.goAway(stream, FakeHttp2Server.NO_ERROR);
              connection.finish();
            })) {
      ClutchException failure = call(server, Duration.ofSeconds(20));

      assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(failure.started()).isEqualTo(Started.UNKNOWN);
      assertThat(server.streams()).isEqualTo(1);
    }
  }

  @Test
  void aConnectionCutInTheMiddleMayHaveStartedTheFunction() throws IOException {
    try (FakeHttp2Server server = new FakeHttp2Server((connection, stream) -> connection.cut())) {
      ClutchException failure = call(server, Duration.ofSeconds(20));

      assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(failure.started()).isEqualTo(Started.UNKNOWN);
      assertThat(server.streams()).isEqualTo(1);
    }
  }

  @Test
  void aConnectionThatBreaksWhileItIsWrittenToIsUnavailable() {
    Status status =
        Status.UNKNOWN.withDescription("channel closed").withCause(new ClosedChannelException());

    ClutchException failure = ErrorStatus.fromStatus(status, null, Started.UNKNOWN);

    assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
    assertThat(failure.started()).isEqualTo(Started.UNKNOWN);
  }

  /** Refuses more streams than gRPC by itself repeats, and ends the call with a cut. */
  private static void assertRepeated(FakeHttp2Server.Reaction refusal) throws IOException {
    AtomicInteger seen = new AtomicInteger();
    try (FakeHttp2Server server =
        new FakeHttp2Server(
            (connection, stream) -> {
              if (seen.incrementAndGet() <= 6) {
                refusal.onStream(connection, stream);
              } else {
                connection.cut();
              }
            })) {
      ClutchException failure = call(server, Duration.ofSeconds(40));

      assertThat(server.streams()).isEqualTo(7);
      assertThat(failure.started()).isEqualTo(Started.UNKNOWN);
    }
  }

  private static ClutchException call(FakeHttp2Server server, Duration timeout) {
    try (ClutchClient client =
        ClutchClient.builder().servers(server.address()).balance("pick_first").build()) {
      return Failures.of(
          () -> client.request(Request.of("function", "argument").withTimeout(timeout)));
    }
  }
}
