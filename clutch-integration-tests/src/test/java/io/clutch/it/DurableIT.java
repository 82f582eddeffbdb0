package io.clutch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clutch.client.ClutchClient;
import io.clutch.client.JobBackoff;
import io.clutch.client.JobCounts;
import io.clutch.client.JobFilter;
import io.clutch.client.JobOptions;
import io.clutch.client.JobState;
import io.clutch.client.JobStatus;
import io.clutch.protocol.ClutchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Durable background calls of a pool whose processes die. */
@Order(1)
@Timeout(600)
final class DurableIT {

  private static final int JOBS = 20_000;
  private static final int THREADS = 8;

  @AutoClose private final ClutchProcesses clutch = ClutchProcesses.quick();

  private final Path folder = clutch.temporaryFolder();
  private final Path store = folder.resolve("store");
  private final Path file = folder.resolve("lines");

  private PoolProcess pool(int size, String... options) {
    List<String> all = new ArrayList<>(List.of("--store", store.toString()));
    all.addAll(List.of(options));
    return clutch.pool(size, all.toArray(String[]::new));
  }

  private static long count(ClutchClient client, JobState state) {
    JobCounts counts = client.jobCounts();
    return counts.byState().getOrDefault(state, 0L);
  }

  private static void awaitNoneLeft(ClutchClient client) {
    await()
        .atMost(PoolProcess.LIMIT)
        .ignoreException(ClutchException.class)
        .untilAsserted(
            () -> {
              assertThat(count(client, JobState.PENDING)).isZero();
              assertThat(count(client, JobState.SCHEDULED)).isZero();
              assertThat(count(client, JobState.RUNNING)).isZero();
            });
  }

  private Map<String, Long> linesOf() throws IOException {
    return Files.readAllLines(file).stream()
        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
  }

  @Test
  void whatWasAcceptedRunsThoughProcessesDie() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    PoolProcess pool = pool(4, "--err-respawn-interval", "0");
    String address = pool.address();
    Set<String> accepted = new HashSet<>();
    AtomicInteger next = new AtomicInteger();
    int kills = 0;
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try (ClutchClient client =
        ClutchClient.builder().servers(address).timeout(PoolProcess.LIMIT).build()) {
      ConcurrentLinkedQueue<String> ids = new ConcurrentLinkedQueue<>();
      List<Future<?>> callers = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        callers.add(threads.submit(() -> call(client, next, ids)));
      }
      boolean isWhole = true;
      while (callers.stream().anyMatch(caller -> !caller.isDone())) {
        TimeUnit.SECONDS.sleep(1);
        if (isWhole && ids.size() > JOBS / 2) {
          List<Long> tree = new ArrayList<>(pool.pids());
          kills += tree.size();
          tree.add(pool.supervisor().pid());
          ClutchProcesses.kill(tree);
          pool = pool(4, "--err-respawn-interval", "0", "--address", address);
          isWhole = false;
        } else {
          // One is left to go on, for a slow machine would not get beyond starting processes.
          List<Long> ready = pool.readyPids();
          if (ready.size() > 1) {
            ClutchProcesses.kill(List.of(ready.get(random.nextInt(ready.size()))));
            kills++;
          }
        }
      }
      for (Future<?> caller : callers) {
        caller.get();
      }
      accepted.addAll(ids);
      awaitNoneLeft(client);

      assertThat(isWhole).as("whether the whole tree was never killed; seed %s", seed).isFalse();
      Map<String, Long> lines = linesOf();
      assertThat(accepted).hasSize(JOBS);
      assertThat(lines.keySet()).as("seed %s", seed).isEqualTo(accepted);
      List<String> twice =
          lines.entrySet().stream()
              .filter(line -> line.getValue() > 1)
              .map(Map.Entry::getKey)
              .toList();
      System.err.printf("%d kills, %d jobs ran more than once%n", kills, twice.size());
      for (String id : twice) {
        JobStatus job = client.jobStatus(id);
        assertThat(job.failedAttempts())
            .as("seed %s: %s", seed, job)
            .isNotEmpty()
            .allMatch(attempt -> attempt.message().startsWith("its process died"));
        assertThat(lines.get(id)).isLessThanOrEqualTo(job.attempts());
      }
      assertThat(count(client, JobState.DONE)).isEqualTo(JOBS);
    } finally {
      threads.shutdownNow();
    }
    assertThat(pool.stop()).isZero();
  }

  private void call(ClutchClient client, AtomicInteger next, ConcurrentLinkedQueue<String> ids) {
    for (int i = next.getAndIncrement(); i < JOBS; i = next.getAndIncrement()) {
      String id = "job-" + i;
      String given =
          client.requestBackground(
              "count",
              Map.of("file", file.toString(), "line", id),
              JobOptions.DEFAULT.withJobId(id).withMaxAttempts(100));
      assertThat(given).isEqualTo(id);
      ids.add(id);
    }
  }

  @Test
  void aJobThatKillsItsProcessIsSetAside() throws Exception {
    PoolProcess pool = pool(2, "--err-respawn-interval", "100ms");
    try (ClutchClient client = pool.client()) {
      client.requestBackground(
          "crash",
          null,
          JobOptions.DEFAULT
              .withJobId("bad")
              .withMaxAttempts(3)
              .withBackoff(JobBackoff.of(Duration.ofMillis(50))));
      for (int i = 0; i < 200; i++) {
        client.requestBackground(
            "count",
            Map.of("file", file.toString(), "line", "job-" + i),
            JobOptions.DEFAULT.withJobId("job-" + i));
      }
      awaitNoneLeft(client);
      assertThat(client.jobStatus("bad").state()).isEqualTo(JobState.DEAD);
      assertThat(client.jobs(JobFilter.ALL.withStates(JobState.DONE))).hasSize(100);
      assertThat(count(client, JobState.DONE)).isEqualTo(200);
    }
    ClutchProcesses.Result shown = clutch.run("job", "--servers", pool.address(), "bad");
    assertThat(shown.exitCode()).as(shown.err()).isZero();
    assertThat(shown.out()).contains("dead", "attempt 1", "attempt 3", "exit code 137");
  }

  @Test
  void aLongJobHoldsUpNobody() throws Exception {
    PoolProcess pool = pool(4, "--timeout", "0");
    try (ClutchClient one =
        ClutchClient.builder()
            .servers(pool.address())
            .connectionsPerServer(1)
            .timeout(PoolProcess.LIMIT)
            .build()) {
      // All of it over one connection: to one child.
      one.requestBackground("sleep", 60_000, JobOptions.DEFAULT.withJobId("long"));
      Instant begun = Instant.now();
      for (int i = 0; i < 1_000; i++) {
        one.requestBackground(
            "count",
            Map.of("file", file.toString(), "line", "job-" + i),
            JobOptions.DEFAULT.withJobId("job-" + i));
      }
      await().atMost(Duration.ofSeconds(55)).until(() -> count(one, JobState.DONE) == 1_000);
      System.err.println("1000 short jobs took " + Duration.between(begun, Instant.now()));
      assertThat(one.jobStatus("long").state()).isEqualTo(JobState.RUNNING);
      assertThat(one.cancelJob("long").state()).isIn(JobState.RUNNING, JobState.CANCELLED);
      await()
          .atMost(PoolProcess.LIMIT)
          .until(() -> one.jobStatus("long").state() == JobState.CANCELLED);
    }
    assertThat(linesOf()).hasSize(1_000);
  }

  @Test
  void aRestartLosesNothing() throws Exception {
    PoolProcess pool = pool(2);
    String address = pool.address();
    try (ClutchClient client =
        ClutchClient.builder().servers(address).timeout(PoolProcess.LIMIT).build()) {
      client.requestBackground(
          "count",
          Map.of("file", file.toString(), "line", "later"),
          JobOptions.DEFAULT.withJobId("later").withDelay(Duration.ofSeconds(2)));
      assertThat(pool.stop()).isZero();
      PoolProcess unused = pool(2, "--address", address);
      awaitNoneLeft(client);
      assertThat(client.jobStatus("later").state()).isEqualTo(JobState.DONE);
      assertThat(client.jobStatus("later").attempts()).isEqualTo(1);
    }
  }
}
