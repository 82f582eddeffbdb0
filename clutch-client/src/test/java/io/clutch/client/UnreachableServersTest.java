package io.clutch.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.base.Stopwatch;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.worker.Worker;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Servers that are lost, refuse, or are silent; and what the error says then. */
@Timeout(120)
final class UnreachableServersTest {

  private static final Duration LONG = Duration.ofSeconds(40);
  private static final Duration SHORT = Duration.ofMillis(400);

  @Test
  void aLostWorkersCallsGoToTheOther() throws Exception {
    try (Worker one = greeter();
        Worker other = greeter();
        Relay relay = new Relay(one.address().port());
        ClutchClient client = client(LONG, relay.address(), other.address().toString())) {
      greetOften(client);

      relay.close();

      greetOften(client);
    }
  }

  @Test
  void theErrorNamesTheServerThatCannotBeReachedAndWhatItSaid() throws IOException {
    String address = Ports.unusedAddress();
    try (ClutchClient client = client(SHORT, address)) {
      ClutchException failure = Failures.saying("reach", () -> greet(client));

      assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(failure.started()).isEqualTo(Started.NO);
      assertThat(failure.getMessage())
          .contains("the last one: cannot reach " + address + ": ")
          .containsIgnoringCase("refused");
    }
  }

  @Test
  void theErrorNamesEachServerWhereNoneCanBeReached() throws IOException {
    String one = Ports.unusedAddress();
    String other = Ports.unusedAddress();
    try (ClutchClient client = client(SHORT, one, other)) {
      ClutchException failure = Failures.saying("reach", () -> greet(client));

      assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(failure.started()).isEqualTo(Started.NO);
      assertThat(failure.getMessage())
          .containsPattern(
              "can reach none of 2 servers: \\Q%s\\E: .*refused.*; \\Q%s\\E: .*refused"
                  .formatted(one, other));
    }
  }

  @Test
  void workersThatAreLostAreNamedToo() throws Exception {
    try (Worker one = greeter();
        Worker other = greeter();
        ClutchClient client = client(LONG, one.address().toString(), other.address().toString())) {
      greetOften(client);
      one.close();
      other.close();

      ClutchException failure =
          Failures.saying(
              "reach", () -> client.request(Request.of("greet", "you").withTimeout(SHORT)));

      assertThat(failure.started()).isEqualTo(Started.NO);
      assertThat(failure)
          .hasMessageContainingAll(
              "can reach none of 2 servers", one.address().toString(), other.address().toString());
    }
  }

  @Test
  void aSilentServerDoesNotHoldUpCallsToAnother() throws Exception {
    try (SilentServer silent = new SilentServer();
        Worker worker = greeter();
        ClutchClient client = client(LONG, silent.address(), worker.address().toString())) {
      Stopwatch stopwatch = Stopwatch.createStarted();

      greetOften(client);

      // Before the silent one is given up.
      assertThat(stopwatch.elapsed()).isLessThan(Duration.ofSeconds(4));
    }
  }

  @Test
  void aCallThatWaitsForASilentServerEndsAtItsDeadlineAndSaysSo() throws Exception {
    try (SilentServer silent = new SilentServer();
        ClutchClient client = client(SHORT, silent.address())) {
      ClutchException failure = Failures.saying("connecting", () -> greet(client));

      assertThat(failure.started()).isEqualTo(Started.NO);
      assertThat(failure).hasMessageContaining("connecting to " + silent.address());
    }
  }

  @Test
  void whileOneServerMayStillAnswerCallsWaitForItThoughAnotherRefuses() throws Exception {
    String refusing = Ports.unusedAddress();
    try (SilentServer silent = new SilentServer();
        ClutchClient client = client(SHORT, refusing, silent.address())) {
      ClutchException failure = Failures.saying("refused", () -> greet(client));

      assertThat(failure.getMessage())
          .containsPattern(
              "connecting to \\Q%s\\E \\(.*refused.*\\); \\Q%s\\E"
                  .formatted(refusing, silent.address()));
    }
  }

  @Test
  void aSilentServerIsGivenUpAfterTheConnectTimeout() throws Exception {
    try (SilentServer silent = new SilentServer();
        ClutchClient client =
            ClutchClient.builder()
                .servers(silent.address())
                .timeout(Duration.ofSeconds(2))
                .connectTimeout(Duration.ofMillis(100))
                .build()) {
      ClutchException failure = Failures.saying("reach", () -> greet(client));

      assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(failure.started()).isEqualTo(Started.NO);
      assertThat(failure)
          .hasMessageContaining("cannot reach " + silent.address() + ": no answer within 100 ms");
    }
  }

  @Test
  void aClientWhoseConnectionsFailedEndsAtOnce() throws Exception {
    try (Worker worker = greeter()) {
      ClutchClient client = client(LONG, Ports.unusedAddress(), worker.address().toString());
      greetOften(client);
      Stopwatch stopwatch = Stopwatch.createStarted();

      client.close();

      assertThat(stopwatch.elapsed()).isLessThan(Duration.ofSeconds(4));
    }
  }

  @Test
  void aConnectTimeoutOutOfRangeIsRefusedByName() {
    assertThatThrownBy(() -> ClutchClient.builder().connectTimeout(Duration.ZERO).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("connectTimeout");
  }

  private static void greetOften(ClutchClient client) {
    for (int i = 0; i < 20; i++) {
      assertThat(greet(client)).isEqualTo("Hello, you");
    }
  }

  private static String greet(ClutchClient client) {
    // Where a worker is lost under a call, another may greet.
    return client.request(Request.of("greet", "you", String.class).idempotent());
  }

  private static Worker greeter() throws IOException {
    return Worker.builder()
        .address("127.0.0.1:0")
        .function("greet", String.class, name -> "Hello, " + name)
        .build()
        .start();
  }

  private static ClutchClient client(Duration timeout, String... servers) {
    return ClutchClient.builder().servers(servers).timeout(timeout).build();
  }
}
