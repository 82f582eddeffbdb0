package io.clutch.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.client.ClutchClient;
import io.clutch.client.Request;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.worker.FunctionDefinition;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A lost worker looks as over TCP: see LostCallTest and RepeatTest of the client. */
@Timeout(60)
final class KillTest {

  private final AtomicInteger made = new AtomicInteger();
  private final CountDownLatch interrupted = new CountDownLatch(1);
  private final CompletableFuture<Boolean> wasInterrupted = new CompletableFuture<>();

  @RegisterExtension
  final ClutchExtension clutch =
      ClutchExtension.worker(
          worker -> {
            int number = made.incrementAndGet();
            worker
                .function("which", () -> number)
                .function(
                    FunctionDefinition.named("inline").inline().runs((nothing, call) -> number))
                .function("look", () -> wasInterrupted.complete(Thread.interrupted()))
                .function("block", this::block);
          });

  private void block() throws InterruptedException {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      interrupted.countDown();
      throw e;
    }
  }

  @Test
  void theCallerLearnsThatTheFunctionMayHaveBeenStarted(ClutchClient client) {
    clutch.faults().kill("which");

    ClutchException failure = Failures.of(() -> client.request("which", null, Integer.class));

    assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
    assertThat(failure.started()).isEqualTo(Started.UNKNOWN);
    assertThat(failure)
        .hasMessageContaining("the connection to the worker was lost while the call was under way");
    assertThat(clutch.calls("which").started()).isEqualTo(1);
  }

  @Test
  void laterCallsFindANewWorker(ClutchClient client) {
    clutch.faults().kill("which");
    Failures.of(() -> client.request("which", null, Integer.class));

    assertThat(client.request("which", null, Integer.class)).isEqualTo(2);
    assertThat(client.request("which", null, Integer.class)).isEqualTo(2);
  }

  @Test
  void anIdempotentCallIsSentAgain(ClutchClient client) {
    clutch.faults().kill("which");

    Integer answer = client.request(Request.of("which", null, Integer.class).idempotent());

    assertThat(answer).isEqualTo(2);
    assertThat(clutch.calls("which")).isEqualTo(new Calls(2, 2, 2));
  }

  @Test
  void anIdempotentCallThatEndsEachWorkerIsGivenUp(ClutchClient client) {
    clutch.faults().always().kill("which");

    ClutchException failure =
        Failures.of(() -> client.request(Request.of("which", null, Integer.class).idempotent()));

    assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
    assertThat(failure.started()).isEqualTo(Started.UNKNOWN);
    assertThat(failure).hasMessageContaining("3 times");
    assertThat(clutch.calls("which").started()).isEqualTo(3);
    assertThat(made).hasValue(4);
  }

  @Test
  void theFunctionIsInterruptedBeforeItsFirstStep(ClutchClient client) {
    clutch.faults().kill("look");

    Failures.of(() -> client.request("look", null, Boolean.class));

    assertThat(wasInterrupted).succeedsWithin(Duration.ofSeconds(20)).isEqualTo(true);
  }

  @Test
  void aBackgroundCallIsLost(ClutchClient client) {
    clutch.faults().kill("look");

    // The worker may be lost before it has said that it accepts the call.
    var unused = client.requestBackgroundAsync(Request.of("look", null, Void.class));

    assertThat(wasInterrupted).succeedsWithin(Duration.ofSeconds(20)).isEqualTo(true);
    assertThat(client.request("which", null, Integer.class)).isEqualTo(2);
  }

  @Test
  void allCallsOfTheWorkerAreLost(ClutchClient client) throws Exception {
    CompletableFuture<Void> other = client.requestAsync("block", null, Void.class);
    clutch.awaitCalls("block", calls -> calls.started() == 1);
    clutch.faults().kill("which");

    Failures.of(() -> client.request("which", null, Integer.class));

    assertThat(Failures.of(other).started()).isEqualTo(Started.UNKNOWN);
    assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void aTestMayLoseTheWorkerItself(ClutchClient client) throws Exception {
    CompletableFuture<Void> call = client.requestAsync("block", null, Void.class);
    clutch.awaitCalls("block", calls -> calls.running() == 1);

    clutch.worker().kill();

    assertThat(Failures.of(call).reason()).isEqualTo(Reason.UNAVAILABLE);
    assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(client.request("which", null, Integer.class)).isEqualTo(2);
  }

  @Test
  void anInlineFunctionCanLoseItsWorkerToo(ClutchClient client) {
    clutch.faults().kill("inline");
    Failures.of(client.requestAsync("inline", null, Integer.class));
    assertThat(client.request("inline", null, Integer.class)).isEqualTo(2);

    clutch.faults().delay("inline", Duration.ofSeconds(1));
    clutch.faults().kill("inline");
    CompletableFuture<Integer> delayed = client.requestAsync("inline", null, Integer.class);
    clutch.clock().advance(Duration.ofSeconds(1));
    Failures.of(delayed);
    assertThat(client.request("inline", null, Integer.class)).isEqualTo(3);
  }

  @Test
  void twoCallsThatEndTheSameWorkerEndOne(ClutchClient client) {
    clutch.faults().next(2).kill("look");

    CompletableFuture<Boolean> one = client.requestAsync("look", null, Boolean.class);
    CompletableFuture<Boolean> two = client.requestAsync("look", null, Boolean.class);
    Failures.of(one);
    Failures.of(two);

    // The second one comes to the first worker or to its successor.
    int workers = made.get();
    assertThat(workers).isBetween(2, 3);
    assertThat(client.request("which", null, Integer.class)).isEqualTo(workers);
  }
}
