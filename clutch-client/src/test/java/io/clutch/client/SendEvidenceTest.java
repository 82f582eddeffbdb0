package io.clutch.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class SendEvidenceTest {

  @Test
  void whatNeverHadAConnectionWasNotStarted() {
    assertThat(new SendEvidence().started(Status.UNAVAILABLE)).isEqualTo(Started.NO);
    assertThat(new SendEvidence().started(Status.DEADLINE_EXCEEDED)).isEqualTo(Started.NO);
  }

  @Test
  void aRefusedStreamWasNotStartedAndIsRepeated() throws IOException {
    try (FakeHttp2Server server =
        new FakeHttp2Server(
            (connection, stream) ->
                connection.resetStream(stream, FakeHttp2Server.REFUSED_STREAM))) {
      ClutchException failure = call(server, Duration.ofSeconds(1));

      assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(failure.started()).isEqualTo(Started.NO);
      // gRPC by itself sends a refused stream twice.
      assertThat(server.streams()).isGreaterThan(2);
    }
  }

  @Test
  void aStreamThatAGoawayDoesNotCoverWasNotStartedAndIsRepeated() throws IOException {
    // Left for the client to close: a reset could overtake the GOAWAY.
    try (FakeHttp2Server server =
        new FakeHttp2Server(
            (connection, stream) -> connection.goAway(0, FakeHttp2Server.NO_ERROR))) {
      ClutchException failure = call(server, Duration.ofSeconds(1));

      assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(failure.started()).isEqualTo(Started.NO);
      assertThat(server.streams()).isGreaterThan(2);
    }
  }

  @Test
  void aStreamThatAGoawayCoversMayHaveBeenStarted() throws IOException {
    try (FakeHttp2Server server =
        new FakeHttp2Server(
            (connection, stream) -> {
              connection.goAway(stream, FakeHttp2Server.NO_ERROR);
              connection.cut();
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

  private static ClutchException call(FakeHttp2Server server, Duration timeout) {
    try (ClutchClient client = ClutchClient.builder().servers(server.address()).build()) {
      return Failures.of(
          () -> client.request(Request.of("function", "argument").withTimeout(timeout)));
    }
  }
}
