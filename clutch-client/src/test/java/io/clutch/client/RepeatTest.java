package io.clutch.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.worker.Worker;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What was not started is sent again; what may have been is not. */
class RepeatTest {

  private final AtomicInteger runs = new AtomicInteger();

  private Worker worker(String address) throws IOException {
    return Worker.builder()
        .address(address)
        .concurrency(1)
        .function("run", () -> runs.incrementAndGet())
        .build()
        .start();
  }

  private static ClutchClient client(Duration timeout, Object... servers) {
    return ClutchClient.builder()
        .servers(java.util.Arrays.stream(servers).map(Object::toString).toList())
        .timeout(timeout)
        .build();
  }

  private static ClutchException failureOf(Runnable call) {
    ClutchException failure = catchThrowableOfType(ClutchException.class, call::run);
    assertThat(failure).isNotNull();
    return failure;
  }

  @Test
  void aWorkerThatComesLaterTakesTheCall() throws Exception {
    String address;
    try (Worker before = worker("127.0.0.1:0")) {
      address = before.address().toString();
    }
    try (ClutchClient client = client(Duration.ofSeconds(60), address)) {
      CompletableFuture<Integer> call = client.requestAsync("run", null, Integer.class);
      assertThat(
              failureOf(
                      () ->
                          client.request(
                              Request.of("run", null).withTimeout(Duration.ofMillis(700))))
                  .reason())
          .isEqualTo(Reason.UNAVAILABLE);
      try (Worker late = worker(address)) {
        assertThat(call.get(60, TimeUnit.SECONDS)).isEqualTo(1);
      }
    }
  }

  @Test
  void whereThereIsNoneTheErrorSaysWhereAndHowOftenItWasTried() throws IOException {
    String address;
    try (Worker gone = worker("127.0.0.1:0")) {
      address = gone.address().toString();
    }
    try (ClutchClient client = client(Duration.ofMillis(600), address)) {
      long start = System.nanoTime();
      ClutchException failure = failureOf(() -> client.request("run", null, Integer.class));
      Duration took = Duration.ofNanos(System.nanoTime() - start);

      assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(failure.started()).isEqualTo(Started.NO);
      assertThat(failure)
          .hasMessageContaining("600 ms")
          .hasMessageContaining(address)
          .hasMessageContaining("refused");
      assertThat(took).isBetween(Duration.ofMillis(300), Duration.ofSeconds(20));
    }
  }

  @Test
  void anUnknownHostIsNamed() {
    try (ClutchClient client = client(Duration.ofMillis(500), "no-such-host.invalid:1")) {
      ClutchException failure = failureOf(() -> client.request("run", null, Integer.class));
      assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(failure).hasMessageContaining("no-such-host.invalid:1");
    }
  }

  @Test
  void aFullQueueReachesNobodyWhileThereIsTime() throws Exception {
    try (Worker worker =
            Worker.builder()
                .address("127.0.0.1:0")
                .concurrency(1)
                .queueCapacity(0)
                .function(
                    "work",
                    () -> {
                      Thread.sleep(5);
                      return runs.incrementAndGet();
                    })
                .build()
                .start();
        ClutchClient client = client(Duration.ofSeconds(60), worker.address())) {
      List<CompletableFuture<Integer>> calls = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        calls.add(client.requestAsync("work", null, Integer.class));
      }
      for (CompletableFuture<Integer> call : calls) {
        assertThat(call.get(60, TimeUnit.SECONDS)).isPositive();
      }
      assertThat(runs).hasValue(50);
    }
  }

  @Test
  void aFullQueueIsToldWhenTimeIsUp() throws Exception {
    CountDownLatch mayEnd = new CountDownLatch(1);
    CountDownLatch started = new CountDownLatch(1);
    try (Worker worker =
            Worker.builder()
                .address("127.0.0.1:0")
                .concurrency(1)
                .queueCapacity(0)
                .function(
                    "hold",
                    () -> {
                      started.countDown();
                      mayEnd.await();
                    })
                .build()
                .start();
        ClutchClient client = client(Duration.ofSeconds(60), worker.address())) {
      CompletableFuture<Void> holding = client.requestAsync("hold", null, Void.class);
      assertThat(started.await(30, TimeUnit.SECONDS)).isTrue();
      ClutchException failure =
          failureOf(
              () -> client.request(Request.of("hold", null).withTimeout(Duration.ofSeconds(2))));
      assertThat(failure.reason()).isEqualTo(Reason.QUEUE_FULL);
      assertThat(failure.started()).isEqualTo(Started.NO);
      mayEnd.countDown();
      holding.get(30, TimeUnit.SECONDS);
    }
  }

  @Test
  void workersThatDrainAndComeBackLoseNothing() throws Exception {
    Worker one = worker("127.0.0.1:0");
    Worker two = worker("127.0.0.1:0");
    AtomicBoolean goOn = new AtomicBoolean(true);
    AtomicInteger results = new AtomicInteger();
    List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());
    List<Thread> threads = new ArrayList<>();
    try (ClutchClient client = client(Duration.ofSeconds(60), one.address(), two.address())) {
      for (int i = 0; i < 8; i++) {
        Thread thread =
            new Thread(
                () -> {
                  while (goOn.get()) {
                    try {
                      client.request("run", null, Integer.class);
                      results.incrementAndGet();
                    } catch (RuntimeException e) {
                      failures.add(e);
                    }
                  }
                });
        thread.start();
        threads.add(thread);
      }
      for (int round = 0; round < 3; round++) {
        awaitMore(results);
        String address = one.address().toString();
        one.close();
        awaitMore(results);
        one = worker(address);
        awaitMore(results);
        address = two.address().toString();
        two.close();
        two = worker(address);
      }
      goOn.set(false);
      for (Thread thread : threads) {
        thread.join();
      }
    } finally {
      goOn.set(false);
      one.close();
      two.close();
    }
    assertThat(failures).isEmpty();
    assertThat(runs).hasValue(results.get());
  }

  private static void awaitMore(AtomicInteger results) {
    int now = results.get();
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> results.get() > now + 100);
  }

  @Test
  void aCallThatMayHaveBeenStartedIsNotSentAgain() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        ClutchClient client =
            client(Duration.ofSeconds(30), "127.0.0.1:" + server.getLocalPort())) {
      CompletableFuture<Integer> connections =
          CompletableFuture.supplyAsync(() -> dropAfterHeaders(server));
      ClutchException failure = failureOf(() -> client.request("run", null, Integer.class));
      assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(failure.started()).isEqualTo(Started.UNKNOWN);
      assertThat(connections.get(30, TimeUnit.SECONDS)).isEqualTo(1);
    }
  }

  /** A server that drops the connection when a request's headers have come in. */
  private static int dropAfterHeaders(ServerSocket server) {
    try (Socket socket = server.accept();
        DataInputStream in = new DataInputStream(socket.getInputStream())) {
      socket.getOutputStream().write(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});
      in.skipNBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".length());
      while (true) {
        int length = in.readUnsignedShort() << 8 | in.readUnsignedByte();
        int type = in.readUnsignedByte();
        in.skipNBytes(5 + length);
        if (type == 1) {
          return 1;
        }
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
