package io.clutch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clutch.client.ClutchClient;
import io.clutch.client.JobOptions;
import io.clutch.client.JobState;
import io.clutch.client.JobStatus;
import io.clutch.client.Request;
import io.clutch.durable.internal.postgres.TestPostgres;
import io.clutch.protocol.ClutchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Durable background calls of pools that share a PostgreSQL database. */
@Order(1)
@Timeout(600)
final class DurablePostgresIT {

  private static final Duration LEASE = Duration.ofSeconds(10);

  @AutoClose private final ClutchProcesses clutch = ClutchProcesses.quick();

  private final Path file = clutch.temporaryFolder().resolve("lines");

  private PoolProcess pool(String store, int size) {
    return clutch.pool(size, "--store", store, "--job-lease", "10s");
  }

  private static List<Long> kill(PoolProcess pool) {
    List<Long> tree = new ArrayList<>(pool.pids());
    tree.add(pool.supervisor().pid());
    ClutchProcesses.kill(tree);
    return tree;
  }

  private static void awaitDone(ClutchClient client, long count) {
    await()
        .atMost(PoolProcess.LIMIT)
        .ignoreException(ClutchException.class)
        .untilAsserted(
            () ->
                assertThat(client.jobCounts().byState().getOrDefault(JobState.DONE, 0L))
                    .isEqualTo(count));
  }

  private CompletableFuture<?> count(ClutchClient client, int number) {
    return client.requestBackgroundAsync(
        Request.of("count", Map.of("file", file.toString(), "line", "job-" + number))
            .durable(JobOptions.DEFAULT.withJobId("job-" + number).withMaxAttempts(20)));
  }

  private Map<String, Long> lines() throws IOException {
    return Files.readAllLines(file).stream()
        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
  }

  @Test
  void whatAPoolThatIsKilledWholeHadStartedRunsOnAnother() throws Exception {
    String store = TestPostgres.shared().newDatabase();
    PoolProcess first = pool(store, 2);
    PoolProcess second = pool(store, 2);
    try (ClutchClient one = first.client();
        ClutchClient other = second.client()) {
      for (int i = 0; i < 2; i++) {
        one.requestBackground("sleep", 8_000, JobOptions.DEFAULT.withJobId("job-" + i));
      }
      Set<Long> pids = first.pids();
      await()
          .atMost(PoolProcess.LIMIT)
          .until(
              () ->
                  IntStream.range(0, 2)
                      .mapToObj(i -> other.jobStatus("job-" + i))
                      .allMatch(job -> job.state() == JobState.RUNNING));
      List<String> workers =
          IntStream.range(0, 2).mapToObj(i -> other.jobStatus("job-" + i).worker()).toList();
      long ofTheFirst =
          workers.stream()
              .filter(worker -> pids.stream().anyMatch(pid -> worker.endsWith("pid " + pid)))
              .count();
      assertThat(ofTheFirst).as("jobs of the first pool: %s, %s", pids, workers).isPositive();
      Instant killed = Instant.now();
      List<Long> dead = kill(first);
      awaitDone(other, 2);

      for (int i = 0; i < 2; i++) {
        JobStatus job = other.jobStatus("job-" + i);
        if (!pids.stream()
            .anyMatch(
                pid -> workers.get(job.id().equals("job-0") ? 0 : 1).endsWith("pid " + pid))) {
          continue;
        }
        Duration silence = Duration.between(killed, job.startedAt().orElseThrow());
        System.err.println(job.id() + " ran elsewhere " + silence + " after the kill");
        assertThat(job.attempts()).isEqualTo(2);
        assertThat(job.failedAttempts()).hasSize(1);
        assertThat(dead).noneMatch(pid -> job.worker().endsWith("pid " + pid));
        // The lease, the pause before the next attempt, and a slow machine.
        assertThat(silence).isLessThan(LEASE.plusSeconds(20));
      }
    }
  }

  @Test
  void whatWasAcceptedRunsThoughProcessesDieAndTheDatabaseIsRestarted() throws Exception {
    try (TestPostgres database = TestPostgres.own()) {
      String store = database.newDatabase();
      PoolProcess first = pool(store, 2);
      PoolProcess second = pool(store, 2);
      int jobs = 3_000;
      try (ClutchClient client =
          ClutchClient.builder()
              .servers(first.address() + "," + second.address())
              .timeout(PoolProcess.LIMIT)
              .build()) {
        List<CompletableFuture<?>> accepted = new ArrayList<>();
        for (int i = 0; i < jobs; i++) {
          accepted.add(count(client, i));
          if (i == 500 || i == 1_500) {
            List<Long> ready = (i == 500 ? first : second).readyPids();
            ClutchProcesses.kill(List.of(ready.get(0)));
          }
          if (i == 1_000) {
            database.stop();
            database.startAgain();
          }
          if (i == 2_000) {
            List<Long> unused = kill(first);
          }
          if (i % 50 == 0) {
            accepted.get(i).join();
          }
        }
        accepted.forEach(CompletableFuture::join);
        awaitDone(client, jobs);
        Map<String, Long> lines = lines();
        assertThat(lines).hasSize(jobs);
        List<String> twice =
            lines.entrySet().stream()
                .filter(line -> line.getValue() > 1)
                .map(Map.Entry::getKey)
                .toList();
        System.err.println(twice.size() + " jobs ran more than once");
        for (String id : twice) {
          assertThat(client.jobStatus(id).attempts()).as(id).isGreaterThan(1);
        }
      }
      assertThat(second.stop()).isZero();
    }
  }
}
