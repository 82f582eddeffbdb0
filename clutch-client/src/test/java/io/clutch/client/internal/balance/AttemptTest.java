package io.clutch.client.internal.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ClientStreamTracer;
import io.grpc.ClientStreamTracer.StreamInfo;
import io.grpc.Metadata;
import io.grpc.Status;
import org.junit.jupiter.api.Test;

/** How attempts are counted on the connection that they take. */
final class AttemptTest {

  private final Connection connection = Picks.server(1).server().usable().get(0);
  private final CallTrail trail = new CallTrail();

  @Test
  void itCountsUntilItsStreamIsClosed() {
    trail.newAttempt();
    ClientStreamTracer stream = giveToConnection();
    assertThat(connection.inFlight()).isEqualTo(1);

    stream.streamClosed(Status.OK);

    assertThat(connection.inFlight()).isZero();
  }

  @Test
  void itCountsUntilItEndsThoughItsStreamIsNeverClosed() {
    Attempt attempt = trail.newAttempt();
    ClientStreamTracer stream = giveToConnection();

    attempt.end();
    assertThat(connection.inFlight()).isZero();

    stream.streamClosed(Status.CANCELLED);
    assertThat(connection.inFlight()).isZero();
  }

  @Test
  void whatEndedBeforeItWasGivenToAConnectionDoesNotCount() {
    trail.newAttempt().end();

    ClientStreamTracer unused = giveToConnection();

    assertThat(connection.inFlight()).isZero();
  }

  @Test
  void theNextAttemptCountsAnew() {
    trail.newAttempt().end();
    trail.newAttempt();

    ClientStreamTracer unused = giveToConnection();

    assertThat(connection.inFlight()).isEqualTo(1);
  }

  private ClientStreamTracer giveToConnection() {
    return connection
        .result()
        .getStreamTracerFactory()
        .newClientStreamTracer(
            StreamInfo.newBuilder()
                .setCallOptions(CallOptions.DEFAULT.withOption(CallTrail.KEY, trail))
                .build(),
            new Metadata());
  }
}
