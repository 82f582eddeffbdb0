package io.clutch.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.worker.Worker;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A call made inside a function never outlives that function's own time. */
class NestedCallTest {

  private final CountDownLatch innerStarted = new CountDownLatch(1);
  private final CountDownLatch innerInterrupted = new CountDownLatch(1);
  private final CompletableFuture<ClutchException> outerSaw = new CompletableFuture<>();
  private Worker inner;
  private ClutchClient nested;
  private Worker outer;
  private ClutchClient client;

  private void serve(Duration outerTimeout) throws IOException {
    inner =
        Worker.builder()
            .address("127.0.0.1:0")
            .timeout(Duration.ZERO)
            .function(
                "sleep",
                () -> {
                  innerStarted.countDown();
                  try {
                    Thread.sleep(600_000);
                  } catch (InterruptedException e) {
                    innerInterrupted.countDown();
                    throw e;
                  }
                })
            .build()
            .start();
    nested =
        ClutchClient.builder()
            .servers(inner.address().toString())
            .timeout(Duration.ofSeconds(500))
            .build();
    outer =
        Worker.builder()
            .address("127.0.0.1:0")
            .timeout(outerTimeout)
            .function(
                "outer",
                () -> {
                  try {
                    nested.request("sleep", null, Void.class);
                  } catch (ClutchException e) {
                    outerSaw.complete(e);
                    throw e;
                  }
                })
            .build()
            .start();
    client = ClutchClient.builder().servers(outer.address().toString()).build();
  }

  @AfterEach
  void stop() {
    client.close();
    outer.close();
    nested.close();
    inner.close();
  }

  private static Request<Void> call(Duration timeout) {
    return Request.of("outer", null).withTimeout(timeout);
  }

  @Test
  void theCallersDeadlineHoldsForIt() throws Exception {
    serve(Duration.ZERO);
    assertThat(client.requestAsync(call(Duration.ofSeconds(1))))
        .failsWithin(Duration.ofSeconds(30));
    assertThat(innerInterrupted.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(outerSaw.get(30, TimeUnit.SECONDS).reason())
        .isIn(Reason.DEADLINE_EXCEEDED, Reason.CANCELLED);
  }

  @Test
  void theWorkersTimeoutHoldsForIt() throws Exception {
    serve(Duration.ofSeconds(1));
    assertThat(client.requestAsync(call(Duration.ofSeconds(400))))
        .failsWithin(Duration.ofSeconds(30));
    assertThat(innerInterrupted.await(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void itIsCancelledWithTheCall() throws Exception {
    serve(Duration.ZERO);
    CompletableFuture<Void> call = client.requestAsync(call(Duration.ofSeconds(400)));
    assertThat(innerStarted.await(30, TimeUnit.SECONDS)).isTrue();
    call.cancel(true);
    assertThat(innerInterrupted.await(30, TimeUnit.SECONDS)).isTrue();
  }
}
