package io.clutch.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.protocol.TimeSource;
import io.clutch.worker.Worker;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls over a channel that the program describes itself. */
@Timeout(60)
final class GivenChannelTest {

  private static final Duration LONG = Duration.ofSeconds(40);

  private static Worker greeter(String address) throws IOException {
    return Worker.builder()
        .address(address)
        .function("greet", String.class, name -> "Hello, " + name)
        .build()
        .start();
  }

  private static NettyChannelBuilder channel(String address) {
    return NettyChannelBuilder.forTarget(address).usePlaintext();
  }

  @ParameterizedTest
  @ValueSource(strings = {ClutchClient.Builder.LEAST_LOADED, "pick_first", "round_robin"})
  void callsGoOverIt(String policy) throws IOException {
    try (Worker worker = greeter("127.0.0.1:0");
        ClutchClient client =
            ClutchClient.builder()
                .servers("nosuch.invalid:1")
                .channel(channel(worker.address().toString()))
                .balance(policy)
                .build()) {
      assertThat(client.request("greet", "you", String.class)).isEqualTo("Hello, you");
    }
  }

  @Test
  void callsThatNoWorkerHasStartedAreSentAgain() throws IOException {
    String address = Ports.unusedAddress();
    try (ClutchClient client =
        ClutchClient.builder().channel(channel(address)).timeout(LONG).build()) {
      CompletableFuture<String> call = client.requestAsync("greet", "you", String.class);

      try (Worker worker = greeter(address)) {
        assertThat(call).succeedsWithin(LONG).isEqualTo("Hello, you");
      }
    }
  }

  @Test
  void theErrorWithoutAWorkerSaysWhereItWasLookedFor() throws IOException {
    try (ClutchClient client =
        ClutchClient.builder()
            .channel(channel(Ports.unusedAddress()))
            .timeout(Duration.ofMillis(300))
            .build()) {
      ClutchException failure = Failures.of(() -> client.request("greet", "x", String.class));

      assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(failure.started()).isEqualTo(Started.NO);
      assertThat(failure).hasMessageContaining("at the given channel");
    }
  }

  @Test
  void aTimeOfItsOwnWantsAChannelOfThatTime() {
    ClutchClient.Builder builder =
        ClutchClient.builder().time(TimeSource.system(new ScheduledThreadPoolExecutor(1)));

    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("want a channel of that time");
  }

  @Test
  void aGivenTimerIsNotShutDown() throws IOException {
    ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
    try (Worker worker = greeter("127.0.0.1:0")) {
      try (ClutchClient client =
          ClutchClient.builder()
              .channel(channel(worker.address().toString()))
              .time(TimeSource.system(timer))
              .build()) {
        assertThat(client.request("greet", "you", String.class)).isEqualTo("Hello, you");
      }
      assertThat(timer.isShutdown()).isFalse();
    } finally {
      timer.shutdownNow();
      await().until(timer::isTerminated);
    }
  }
}
