package io.clutch.client;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.worker.Worker;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
final class MultiTest {

  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicInteger mostUnderWay = new AtomicInteger();

  @Test
  void resultsComeInTheOrderOfTheRequests() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    try (Worker one = worker();
        Worker two = worker();
        ClutchClient client = client(one, two).build()) {
      List<Request<int[]>> requests =
          IntStream.range(0, 40)
              .mapToObj(i -> Request.of("delay", new int[] {i, random.nextInt(50)}, int[].class))
              .toList();

      List<Outcome<int[]>> outcomes = client.requestMulti(requests);

      assertThat(outcomes)
          .as("seed %d", seed)
          .extracting(Outcome::result)
          .extracting(result -> result[0])
          .containsExactlyElementsOf(IntStream.range(0, 40).boxed().toList());
    }
  }

  @Test
  void everyCallHasAnOutcomeOfItsOwn() throws IOException {
    try (Worker worker = worker();
        ClutchClient client = client(worker).build()) {
      List<Outcome<Object>> outcomes =
          client.requestMulti(
              List.of(
                  Request.of("half", 4, Object.class),
                  Request.of("nosuch", null, Object.class),
                  Request.of("half", 3, Object.class),
                  Request.of("half", "four", Object.class),
                  Request.of("half", Double.NaN, Object.class),
                  Request.of("nothing", null, Object.class)));

      assertThat(outcomes.get(0).result()).isEqualTo(2);
      assertThat(reason(outcomes.get(1))).isEqualTo(Reason.FUNCTION_NOT_FOUND);
      assertThat(reason(outcomes.get(2))).isEqualTo(Reason.FUNCTION_FAILED);
      assertThat(reason(outcomes.get(3))).isEqualTo(Reason.BAD_ARGUMENTS);
      assertThat(reason(outcomes.get(4))).isEqualTo(Reason.BAD_ARGUMENTS);
      assertThat(outcomes.get(5).isSuccess()).isTrue();
      assertThat(outcomes.get(5).result()).isNull();
      assertThat(outcomes).hasSize(6);
    }
  }

  @Test
  void noCallsHaveNoOutcomes() throws IOException {
    try (ClutchClient client = ClutchClient.builder().servers(Ports.unusedAddress()).build()) {
      assertThat(client.requestMulti(List.of())).isEmpty();
    }
  }

  @Test
  void tenThousandCallsAreUnderWayBitByBit() throws IOException {
    try (Worker worker = worker();
        ClutchClient client = client(worker).maxOutstanding(64).build()) {
      List<Request<Integer>> requests =
          IntStream.range(0, 10_000).mapToObj(i -> Request.of("count", i, Integer.class)).toList();

      List<Outcome<Integer>> outcomes = client.requestMulti(requests);

      assertThat(outcomes)
          .extracting(Outcome::result)
          .containsExactlyElementsOf(IntStream.range(0, 10_000).boxed().toList());
      assertThat(mostUnderWay.get()).isBetween(2, 64);
    }
  }

  @Test
  void anInterruptLeavesCancelledOutcomes() throws Exception {
    CountDownLatch blocked = new CountDownLatch(4);
    CountDownLatch interrupted = new CountDownLatch(4);
    try (Worker worker =
            Worker.builder()
                .address("127.0.0.1:0")
                .concurrency(4)
                .timeout(Duration.ZERO)
                .function("half", int.class, number -> number / 2)
                .function("block", () -> block(blocked, interrupted))
                .build()
                .start();
        ClutchClient client = client(worker).maxOutstanding(4).build()) {
      List<Request<?>> requests = new ArrayList<>();
      requests.add(Request.of("half", 2, Integer.class));
      for (int i = 0; i < 10; i++) {
        requests.add(Request.of("block", null, Integer.class));
      }
      AtomicReference<List<Outcome<Object>>> outcomes = new AtomicReference<>();
      AtomicReference<Boolean> stillInterrupted = new AtomicReference<>();
      Thread caller =
          new Thread(
              () -> {
                outcomes.set(client.requestMulti(requests));
                stillInterrupted.set(Thread.currentThread().isInterrupted());
              });
      caller.start();
      assertThat(blocked.await(20, TimeUnit.SECONDS)).isTrue();

      caller.interrupt();

      caller.join();
      List<Outcome<Object>> all = requireNonNull(outcomes.get());
      assertThat(all).hasSize(11);
      assertThat(all.get(0).result()).isEqualTo(1);
      assertThat(all.subList(1, 11)).extracting(MultiTest::reason).containsOnly(Reason.CANCELLED);
      assertThat(stillInterrupted.get()).isTrue();
      assertThat(interrupted.await(20, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static void block(CountDownLatch blocked, CountDownLatch interrupted)
      throws InterruptedException {
    blocked.countDown();
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      interrupted.countDown();
      throw e;
    }
  }

  private static Reason reason(Outcome<?> outcome) {
    return outcome.failure().map(ClutchException::reason).orElseThrow();
  }

  private static ClutchClient.Builder client(Worker... workers) {
    List<String> servers = new ArrayList<>();
    for (Worker worker : workers) {
      servers.add(worker.address().toString());
    }
    return ClutchClient.builder().servers(servers).timeout(Duration.ofSeconds(60));
  }

  private Worker worker() throws IOException {
    return Worker.builder()
        .address("127.0.0.1:0")
        .concurrency(128)
        .function("delay", int[].class, MultiTest::delay)
        .function("half", int.class, MultiTest::half)
        .function("nothing", () -> {})
        .function("count", int.class, this::count)
        .build()
        .start();
  }

  private static int[] delay(int[] numberAndMillis) throws InterruptedException {
    boolean unused = new CountDownLatch(1).await(numberAndMillis[1], TimeUnit.MILLISECONDS);
    return numberAndMillis;
  }

  private static int half(int number) {
    if (number % 2 != 0) {
      throw new IllegalArgumentException(number + " is odd");
    }
    return number / 2;
  }

  private int count(int number) throws InterruptedException {
    int now = underWay.incrementAndGet();
    mostUnderWay.accumulateAndGet(now, Math::max);
    if (number % 50 == 0) {
      boolean unused = new CountDownLatch(1).await(10, TimeUnit.MILLISECONDS);
    }
    underWay.decrementAndGet();
    return number;
  }
}
