package io.clutch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import io.clutch.client.ClutchClient;
import io.clutch.client.Outcome;
import io.clutch.client.Request;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One client reaches every process of every pool, and each gets its share. */
@Timeout(300)
final class BalanceIT {

  @AutoClose private final ClutchProcesses clutch = ClutchProcesses.quick();

  @Test
  void everyProcessOfTwoPoolsGetsItsShare() throws InterruptedException {
    PoolProcess first = clutch.pool(4);
    PoolProcess second = clutch.pool(4);
    Set<Long> all = Sets.union(first.pids(), second.pids());
    Map<Long, AtomicLong> calls = new ConcurrentHashMap<>();
    Queue<RuntimeException> failures = new ConcurrentLinkedQueue<>();
    try (ClutchClient client = client(first.address(), second.address());
        Threads callers = new Threads(16, () -> call(client, calls, failures))) {
      await().atMost(PoolProcess.LIMIT).until(() -> calls.keySet().containsAll(all));
      assertThat(calls).hasSize(8);
      // On a machine with much else to do, one of them may be held up for a while.
      await().atMost(PoolProcess.LIMIT).until(() -> isEven(twoThousand(calls)));

      assertThat(clutch.run("scale", "6", "--control", first.control().toString()).exitCode())
          .isZero();
      ImmutableSet<Long> scaled = first.pids();
      assertThat(scaled).hasSize(6);
      await().atMost(PoolProcess.LIMIT).until(() -> calls.keySet().containsAll(scaled));

      assertThat(clutch.run("scale", "2", "--control", first.control().toString()).exitCode())
          .isZero();
      long before = sum(calls.values());
      await().atMost(PoolProcess.LIMIT).until(() -> sum(calls.values()) >= before + 500);
    }
    assertThat(failures).isEmpty();
  }

  @Test
  void everyProcessIsReachedByBothOfTwoClients() {
    PoolProcess pool = clutch.pool(3);
    try (ClutchClient one = client(pool.address());
        ClutchClient other = client(pool.address())) {
      assertThat(List.of(one, other))
          .allSatisfy(
              client ->
                  await()
                      .atMost(PoolProcess.LIMIT)
                      .untilAsserted(() -> assertThat(burst(client)).isEqualTo(pool.pids())));
    }
  }

  @Test
  void theFirstCallsDoNotAllGoToTheFirstProcess() {
    PoolProcess pool = clutch.pool(3);
    // A client waits for its connections for a second, which may be too short here.
    await()
        .atMost(PoolProcess.LIMIT)
        .until(
            () -> {
              try (ClutchClient client = client(pool.address())) {
                return burst(client).equals(pool.pids());
              }
            });
  }

  /** How many of the next 2,000 calls each process has. */
  private static List<Long> twoThousand(Map<Long, AtomicLong> calls) {
    calls.values().forEach(count -> count.set(0));
    await().atMost(PoolProcess.LIMIT).until(() -> sum(calls.values()) >= 2_000);
    return calls.values().stream().map(AtomicLong::get).toList();
  }

  private static boolean isEven(List<Long> counts) {
    return Collections.max(counts) <= Collections.min(counts) * 1.3;
  }

  /** Calls as many as there are processes, at once; who answered. */
  private static Set<Long> burst(ClutchClient client) {
    List<Outcome<Long>> outcomes =
        client.requestMulti(Collections.nCopies(3, Request.of("sleep", 200, Long.class)));
    return outcomes.stream().map(Outcome::result).collect(ImmutableSet.toImmutableSet());
  }

  private static void call(
      ClutchClient client, Map<Long, AtomicLong> calls, Queue<RuntimeException> failures) {
    try {
      long pid = client.request("sleep", 50, long.class);
      calls.computeIfAbsent(pid, unused -> new AtomicLong()).incrementAndGet();
    } catch (RuntimeException e) {
      failures.add(e);
    }
  }

  private static long sum(Collection<AtomicLong> counts) {
    return counts.stream().mapToLong(AtomicLong::get).sum();
  }

  private static ClutchClient client(String... servers) {
    return ClutchClient.builder().servers(servers).timeout(Duration.ofSeconds(90)).build();
  }
}
