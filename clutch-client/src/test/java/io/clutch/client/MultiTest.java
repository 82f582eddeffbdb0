package io.clutch.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.worker.Worker;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Many calls at once. */
class MultiTest {

  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicInteger mostUnderWay = new AtomicInteger();
  private final AtomicInteger runs = new AtomicInteger();

  private Worker worker() throws IOException {
    return Worker.builder()
        .address("127.0.0.1:0")
        .concurrency(100)
        .function(
            "delay",
            int.class,
            millis -> {
              mostUnderWay.accumulateAndGet(underWay.incrementAndGet(), Math::max);
              Thread.sleep(millis);
              underWay.decrementAndGet();
              return millis;
            })
        .function(
            "odd",
            int.class,
            n -> {
              if (n % 2 == 0) {
                throw new IllegalArgumentException("even");
              }
              runs.incrementAndGet();
              return n;
            })
        .build()
        .start();
  }

  @Test
  void resultsKeepTheOrderOverTwoWorkersWithRandomDelays() throws IOException {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<Integer> delays = IntStream.range(0, 60).mapToObj(i -> random.nextInt(60)).toList();
    try (Worker one = worker();
        Worker two = worker();
        ClutchClient client =
            ClutchClient.builder()
                .servers(one.address().toString(), two.address().toString())
                .build()) {
      List<Outcome<Integer>> outcomes =
          client.requestMulti(
              delays.stream().map(delay -> Request.of("delay", delay, Integer.class)).toList());
      assertThat(outcomes).as("seed %s", seed).extracting(Outcome::result).isEqualTo(delays);
    }
  }

  @Test
  void eachCallHasAnOutcomeOfItsOwn() throws IOException {
    try (Worker worker = worker();
        ClutchClient client = ClutchClient.builder().servers(worker.address().toString()).build()) {
      List<Outcome<Integer>> outcomes =
          client.requestMulti(
              List.of(
                  Request.of("odd", 1, Integer.class),
                  Request.of("odd", 2, Integer.class),
                  Request.of("nosuch", 3, Integer.class),
                  Request.of("odd", Double.NaN, Integer.class),
                  Request.of("odd", 5, Integer.class)));

      assertThat(outcomes)
          .extracting(Outcome::isSuccess)
          .containsExactly(true, false, false, false, true);
      assertThat(outcomes.get(0).result()).isEqualTo(1);
      assertThat(outcomes.get(4).result()).isEqualTo(5);
      assertThat(outcomes.subList(1, 4))
          .extracting(outcome -> outcome.failure().map(ClutchException::reason).orElseThrow())
          .containsExactly(Reason.FUNCTION_FAILED, Reason.FUNCTION_NOT_FOUND, Reason.BAD_ARGUMENTS);
      assertThat(client.requestMulti(List.<Request<Integer>>of())).isEmpty();
    }
  }

  @Test
  void tenThousandCallsAreSentAFewAtATime() throws IOException {
    try (Worker worker = worker();
        ClutchClient client =
            ClutchClient.builder()
                .servers(worker.address().toString())
                .maxOutstanding(64)
                .build()) {
      List<Request<Integer>> requests =
          IntStream.range(0, 10_000).mapToObj(i -> Request.of("delay", 0, Integer.class)).toList();
      List<Outcome<Integer>> outcomes = client.requestMulti(requests);
      assertThat(outcomes).hasSize(10_000).allMatch(Outcome::isSuccess);
      assertThat(mostUnderWay.get()).isBetween(1, 64);
    }
  }

  @Test
  void backgroundCallsAreAcceptedOrRefusedOneByOne() throws IOException {
    try (Worker worker = worker();
        ClutchClient client = ClutchClient.builder().servers(worker.address().toString()).build()) {
      List<Outcome<String>> outcomes =
          client.requestBackgroundMulti(
              List.of(Request.of("odd", 1), Request.of("nosuch", 2), Request.of("odd", 3)));
      assertThat(outcomes).extracting(Outcome::isSuccess).containsExactly(true, false, true);
      assertThat(outcomes.get(0).result()).isNotEqualTo(outcomes.get(2).result());
      Awaitility.await().untilAsserted(() -> assertThat(runs).hasValue(2));
    }
  }

  @Test
  void anInterruptLeavesAnOutcomeForEachCall() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    try (Worker worker =
            Worker.builder()
                .address("127.0.0.1:0")
                .function("quick", () -> 1)
                .function(
                    "slow",
                    () -> {
                      started.countDown();
                      Thread.sleep(60_000);
                    })
                .build()
                .start();
        ClutchClient client =
            ClutchClient.builder().servers(worker.address().toString()).maxOutstanding(1).build()) {
      List<Outcome<Integer>> outcomes = new ArrayList<>();
      Thread waiting =
          new Thread(
              () ->
                  outcomes.addAll(
                      client.requestMulti(
                          List.of(
                              Request.of("quick", null, Integer.class),
                              Request.of("slow", null, Integer.class),
                              Request.of("quick", null, Integer.class)))));
      waiting.start();
      assertThat(started.await(30, TimeUnit.SECONDS)).isTrue();
      waiting.interrupt();
      waiting.join();

      assertThat(outcomes).extracting(Outcome::isSuccess).containsExactly(true, false, false);
      assertThat(outcomes.get(1).failure().orElseThrow().reason()).isEqualTo(Reason.CANCELLED);
      assertThat(outcomes.get(2).failure().orElseThrow().reason()).isEqualTo(Reason.CANCELLED);
    }
  }
}
