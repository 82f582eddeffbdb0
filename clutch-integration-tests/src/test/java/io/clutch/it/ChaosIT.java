package io.clutch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clutch.client.ClutchClient;
import io.clutch.client.Request;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Calls of all sorts at a pool whose processes are killed, told to stop and replaced: each has one
 * outcome, which is one of those that it may have, and nothing is left of it at either end.
 */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
final class ChaosIT {

  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final int PROCESSES = 3;
  private static final int UNDER_WAY = 300;
  private static final long SEED = 42;

  @AutoClose private final ClutchProcesses clutch = ClutchProcesses.quick();

  private final Semaphore mayCall = new Semaphore(UNDER_WAY);
  private final AtomicInteger outcomes = new AtomicInteger();
  private final Map<String, AtomicInteger> tally = new ConcurrentHashMap<>();
  private final Queue<String> wrong = new ConcurrentLinkedQueue<>();

  private PoolProcess pool(String... options) {
    return clutch.pool(
        PROCESSES,
        List.of(
            "--",
            "/usr/bin/env",
            "JAVA_OPTS=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx256m",
            ClutchProcesses.SCRIPT.toString(),
            "worker",
            "--main",
            ChaosWorker.class.getName(),
            "--classpath",
            ClutchProcesses.TEST_CLASSES),
        options);
  }

  private static ClutchClient client(PoolProcess pool, boolean streams) {
    return ClutchClient.builder()
        .servers(pool.address())
        .timeout(LIMIT)
        .callStreams(streams)
        .build();
  }

  @Test
  void everyCallHasOneOutcomeAndNothingIsLeft() throws InterruptedException {
    int calls = 100_000;
    PoolProcess pool = pool("--max-requests-per-child", "40000", "--spawn-interval", "0ms");
    List<ClutchClient> clients =
        List.of(client(pool, true), client(pool, true), client(pool, true), client(pool, false));
    try {
      Random random = new Random(SEED);
      for (int i = 1; i <= calls; i++) {
        call(clients.get(random.nextInt(clients.size())), random, i);
        if (i % (calls / 8) == 0) {
          disturb(pool, random);
        }
      }
      await().atMost(LIMIT).until(() -> outcomes.get() >= calls);

      pool.awaitChildren(PROCESSES);
      assertNothingIsLeft(clients.get(0), pool);
    } finally {
      clients.forEach(ClutchClient::close);
    }
    assertThat(wrong).isEmpty();
    assertThat(outcomes).hasValue(calls);
    assertThat(tally).as("%s", tally).containsKeys("OK", "CANCELLED", "DEADLINE_EXCEEDED");
    assertThat(pool.stop()).isZero();
  }

  @Test
  @Tag("soak")
  void tenMinutesOfLoadLeaveTheHeapAsItWas() throws InterruptedException {
    PoolProcess pool = pool();
    try (ClutchClient client = client(pool, true);
        ClutchClient unary = client(pool, false)) {
      Random random = new Random(SEED);
      int calls = callFor(Duration.ofMinutes(2), 0, random, client, unary);
      Map<Long, Long> before = heaps(client, pool);
      long here = LiveObjects.now().bytes();

      calls = callFor(Duration.ofMinutes(8), calls, random, client, unary);

      // A tenth and a megabyte: what was compiled, loaded or counted since.
      heaps(client, pool)
          .forEach(
              (pid, bytes) ->
                  assertThat(bytes).isLessThan(before.get(pid) * 11 / 10 + 1024 * 1024));
      assertThat(LiveObjects.now().bytes()).isLessThan(here * 11 / 10 + 1024 * 1024);
      assertThat(outcomes).hasValue(calls);
    }
    assertThat(wrong).isEmpty();
    assertThat(pool.stop()).isZero();
  }

  private int callFor(
      Duration time, int before, Random random, ClutchClient client, ClutchClient unary)
      throws InterruptedException {
    int calls = before;
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      call(random.nextInt(4) == 0 ? unary : client, random, ++calls);
    }
    int made = calls;
    await().atMost(LIMIT).until(() -> outcomes.get() >= made);
    return calls;
  }

  private static Map<Long, Long> heaps(ClutchClient client, PoolProcess pool) {
    Map<Long, Long> bytes = new TreeMap<>();
    askAll(client, pool, (pid, heap) -> bytes.put(pid, heap.bytes()));
    return bytes;
  }

  // The calls.

  private void call(ClutchClient client, Random random, int number) throws InterruptedException {
    assertThat(mayCall.tryAcquire(LIMIT.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
    int kind = random.nextInt(100);
    String text = number + "x".repeat(random.nextInt(kind % 50 == 0 ? 200_000 : 200));
    Duration pause = Duration.ofNanos(random.nextInt(3_000_000));
    if (kind < 5) {
      var unused =
          client
              .requestBackgroundAsync(Request.of("echo", text, String.class))
              .whenComplete(this::accepted);
      return;
    }
    String function = kind < 10 ? "slow" : kind < 12 ? "throws" : "echo";
    Request<String> request = Request.of(function, text, String.class);
    if (kind >= 80 && kind < 90) {
      request = request.withTimeout(Duration.ofMillis(1 + random.nextInt(20)));
    }
    if (random.nextInt(4) == 0) {
      request = request.idempotent();
    }
    boolean isCut = request.timeout().isPresent();
    CompletableFuture<String> call = client.requestAsync(request);
    boolean isCancelled = kind >= 90;
    var unused =
        call.whenComplete(
            (result, failure) -> ended(function, text, isCut, isCancelled, result, failure));
    if (isCancelled) {
      CompletableFuture.delayedExecutor(pause.toNanos(), TimeUnit.NANOSECONDS)
          .execute(() -> call.cancel(true));
    }
  }

  private void accepted(String callId, Throwable failure) {
    count(failure == null ? "accepted" : "not accepted " + reason(failure));
    if (failure != null && reason(failure) != Reason.UNAVAILABLE) {
      wrong.add("in the background: " + failure);
    }
    over();
  }

  private void ended(
      String function,
      String text,
      boolean isCut,
      boolean isCancelled,
      String result,
      Throwable failure) {
    Reason reason = failure == null ? null : reason(failure);
    count(reason == null ? "OK" : reason.name());
    boolean isRight =
        reason == null
            ? text.equals(result) && !function.equals("throws")
            : switch (reason) {
              // A process was killed under it, or stopped before it could be told of its end.
              case UNAVAILABLE -> true;
              case FUNCTION_FAILED -> function.equals("throws");
              case DEADLINE_EXCEEDED -> isCut;
              case CANCELLED -> isCancelled;
              default -> false;
            };
    if (!isRight) {
      wrong.add(
          "%s of %d characters, cut %s, cancelled %s: %s"
              .formatted(function, text.length(), isCut, isCancelled, failure));
    }
    over();
  }

  private static Reason reason(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof ClutchException expected) {
      return expected.reason();
    }
    if (cause instanceof java.util.concurrent.CancellationException) {
      return Reason.CANCELLED;
    }
    throw new AssertionError(failure);
  }

  private void count(String outcome) {
    tally.computeIfAbsent(outcome, unused -> new AtomicInteger()).incrementAndGet();
  }

  private void over() {
    outcomes.incrementAndGet();
    mayCall.release();
  }

  // What happens meanwhile.

  private static void disturb(PoolProcess pool, Random random) {
    List<Long> pids = List.copyOf(pool.pids());
    long victim = pids.get(random.nextInt(pids.size()));
    if (random.nextInt(3) == 0) {
      // It drains, and another one comes.
      ClutchProcesses.signal("TERM", victim);
    } else {
      ClutchProcesses.kill(List.of(victim));
    }
  }

  private static void assertNothingIsLeft(ClutchClient client, PoolProcess pool) {
    // Whoever is asked has one call, the question.
    askAll(
        client,
        pool,
        (pid, heap) ->
            assertThat(heap.ofCalls())
                .as("process %d", pid)
                .allSatisfy((name, count) -> assertThat(count).as(name).isLessThanOrEqualTo(2)));
    await()
        .atMost(LIMIT)
        .untilAsserted(
            () ->
                assertThat(LiveObjects.now().ofCalls())
                    .allSatisfy(
                        (name, count) -> assertThat(count).as(name).isLessThanOrEqualTo(2)));
  }

  private interface Check {
    void accept(long pid, ChaosWorker.Heap heap);
  }

  /** Asks each process of the pool. */
  private static void askAll(ClutchClient client, PoolProcess pool, Check check) {
    Set<Long> wanted = new TreeSet<>(pool.pids());
    await()
        .atMost(LIMIT)
        .until(
            () -> {
              ChaosWorker.Answer answer = client.request("heap", null, ChaosWorker.Answer.class);
              if (wanted.remove(answer.pid())) {
                check.accept(answer.pid(), answer.heap());
              }
              return wanted.isEmpty();
            });
  }
}
