package io.clutch.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.base.Stopwatch;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.worker.Worker;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class RepeatTest {

  private static final Duration LONG = Duration.ofSeconds(40);
  private static final String ANY_PORT = "127.0.0.1:0";

  @Test
  void aCallWaitsForAWorkerThatStartsLater() throws IOException {
    String address = Ports.unusedAddress();
    try (ClutchClient client = client(address)) {
      CompletableFuture<String> call = client.requestAsync("greet", "you", String.class);
      assertThatThrownBy(() -> call.get(400, TimeUnit.MILLISECONDS))
          .isInstanceOf(TimeoutException.class);

      try (Worker worker = greeter(address)) {
        assertThat(call).succeedsWithin(LONG).isEqualTo("Hello, you");
      }
    }
  }

  @Test
  void aFullQueueDoesNotReachCallersWithTimeLeft() throws Exception {
    try (Worker worker =
            Worker.builder()
                .address(ANY_PORT)
                .concurrency(1)
                .queueCapacity(0)
                .function("work", Void.class, (nothing, call) -> work())
                .build()
                .start();
        ClutchClient client = client(worker.address().toString())) {
      Load load = Load.start(6, () -> client.request("work", null, Void.class));
      try (load) {
        await().atMost(LONG).until(() -> load.done() >= 30);
      }
      assertThat(load.failures()).isEmpty();
    }
  }

  @Test
  void aFullQueueIsTheErrorOfACallWhoseTimeRunsOut() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch busy = new CountDownLatch(1);
    try (Worker worker =
            Worker.builder()
                .address(ANY_PORT)
                .concurrency(1)
                .queueCapacity(0)
                .function(
                    "block",
                    () -> {
                      busy.countDown();
                      release.await();
                    })
                .build()
                .start();
        ClutchClient client =
            ClutchClient.builder()
                .servers(worker.address().toString())
                .timeout(LONG)
                // Over a stream it waits for a permit rather than be refused.
                .callStreams(false)
                .build()) {
      CompletableFuture<Void> first = client.requestAsync("block", null, Void.class);
      assertThat(busy.await(20, TimeUnit.SECONDS)).isTrue();

      ClutchException failure =
          Failures.of(
              () -> client.request(Request.of("block", null).withTimeout(Duration.ofSeconds(3))));

      assertThat(failure.reason()).isEqualTo(Reason.QUEUE_FULL);
      assertThat(failure.started()).isEqualTo(Started.NO);
      release.countDown();
      assertThat(first).succeedsWithin(LONG);
    }
  }

  @Test
  void aCallThatWaitedLongAndWasDroppedGoesToAnotherWorker() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    try (Worker busyOne =
            Worker.builder()
                .address(ANY_PORT)
                .concurrency(1)
                .gracefulTimeout(Duration.ofMillis(2500))
                .function("work", Void.class, (nothing, call) -> never.await(60, TimeUnit.SECONDS))
                .build()
                .start();
        Worker idleOne =
            Worker.builder().address(ANY_PORT).function("work", () -> 1).build().start();
        ClutchClient client =
            ClutchClient.builder()
                .servers(busyOne.address().toString(), idleOne.address().toString())
                .timeout(Duration.ofSeconds(6))
                .build()) {
      CompletableFuture<?>[] calls = new CompletableFuture<?>[4];
      for (int i = 0; i < calls.length; i++) {
        calls[i] = client.requestAsync("work", null, Object.class);
      }
      busyOne.close();

      int failed = 0;
      for (CompletableFuture<?> call : calls) {
        try {
          call.get(60, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
          // The one that ran there when it closed.
          assertThat(((ClutchException) e.getCause()).started()).isNotEqualTo(Started.NO);
          failed++;
        }
      }
      assertThat(failed).isLessThanOrEqualTo(1);
    }
  }

  @Test
  void drainingOneOfTwoWorkersFailsNoCall() throws Exception {
    Worker drained = greeter(ANY_PORT);
    try (Worker live = greeter(ANY_PORT);
        ClutchClient client = client(drained.address().toString(), live.address().toString())) {
      Load load = Load.start(8, () -> client.request("greet", "you", String.class));
      try (load) {
        awaitMore(load);
        drained.close();
        awaitMore(load);
      }
      assertThat(load.failures()).isEmpty();
    } finally {
      drained.close();
    }
  }

  @Test
  void restartingTheOnlyWorkerFailsNoCall() throws Exception {
    Worker worker = greeter(ANY_PORT);
    String address = worker.address().toString();
    try (ClutchClient client = client(address)) {
      Load load = Load.start(8, () -> client.request("greet", "you", String.class));
      try (load) {
        for (int round = 0; round < 4; round++) {
          awaitMore(load);
          worker.close();
          worker = greeter(address);
        }
        awaitMore(load);
      }
      assertThat(load.failures()).isEmpty();
    } finally {
      worker.close();
    }
  }

  @Test
  void withoutAnyWorkerACallFailsNearItsDeadline() throws IOException {
    String address = Ports.unusedAddress();
    Duration timeout = Duration.ofSeconds(3);
    try (ClutchClient client = client(address)) {
      Stopwatch stopwatch = Stopwatch.createStarted();

      ClutchException failure =
          Failures.of(() -> client.request(Request.of("greet", "x").withTimeout(timeout)));

      assertThat(stopwatch.elapsed()).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(20));
      assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(failure.started()).isEqualTo(Started.NO);
      assertThat(failure).hasMessageContaining(address);
      assertThat(failure.getMessage()).containsPattern("[1-9]\\d* attempts").contains("3 s");
    }
  }

  @Test
  void aCallThatWasStartedAndLostIsNotRepeated() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    CountDownLatch started = new CountDownLatch(1);
    try (Worker worker =
            Worker.builder()
                .address(ANY_PORT)
                .function(
                    "once",
                    () -> {
                      runs.incrementAndGet();
                      started.countDown();
                      new CountDownLatch(1).await();
                    })
                .function("greet", String.class, name -> "Hello, " + name)
                .build()
                .start();
        Relay relay = new Relay(worker.address().port());
        ClutchClient client = client(relay.address())) {
      CompletableFuture<Void> call = client.requestAsync("once", null, Void.class);
      assertThat(started.await(20, TimeUnit.SECONDS)).isTrue();

      relay.cut();

      ClutchException failure = Failures.of(() -> Futures.await(call));
      assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(failure.started()).isEqualTo(Started.UNKNOWN);
      assertThat(client.request("greet", "again", String.class)).isEqualTo("Hello, again");
      assertThat(runs).hasValue(1);
    }
  }

  private static void awaitMore(Load load) {
    long before = load.done();
    await().atMost(LONG).until(() -> load.done() >= before + 300);
  }

  private static String work() throws InterruptedException {
    boolean unused = new CountDownLatch(1).await(10, TimeUnit.MILLISECONDS);
    return "done";
  }

  private static Worker greeter(String address) throws IOException {
    return Worker.builder()
        .address(address)
        .function("greet", String.class, name -> "Hello, " + name)
        .build()
        .start();
  }

  private static ClutchClient client(String... servers) {
    return ClutchClient.builder().servers(servers).timeout(LONG).build();
  }
}
