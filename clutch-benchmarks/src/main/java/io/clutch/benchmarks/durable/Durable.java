package io.clutch.benchmarks.durable;

import com.google.common.base.Strings;
import com.google.common.collect.ImmutableMap;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Durable background calls: how many are accepted beside ordinary ones, how soon they start, and
 * what becomes of that in a store that is full of jobs.
 */
public final class Durable {

  /** Names a PostgreSQL database that has nothing else in it, for the same on that. */
  public static final String POSTGRESQL = "CLUTCH_BENCHMARK_POSTGRESQL";

  /** Names the folder for stores on SQLite, where that of temporary files is not on a disk. */
  public static final String FOLDER = "CLUTCH_BENCHMARK_FOLDER";

  private final Plan plan;
  private final PrintStream progress;

  /**
   * What to measure.
   *
   * @param rounds how often each contestant has its turn
   * @param measured how long calls are accepted each time
   * @param warmUp how long they are before anything is measured
   * @param backlog how many jobs wait until they are let run
   * @param moments how many jobs are called one at a time
   * @param pending how many jobs wait in the full store
   */
  public record Plan(
      int rounds, Duration measured, Duration warmUp, int backlog, int moments, int pending) {

    /** A whole one. */
    public static Plan whole(int rounds, Duration measured, Duration warmUp) {
      return new Plan(rounds, measured, warmUp, 20_000, 500, 1_000_000);
    }

    /** One for a first impression. */
    public static Plan quick(int rounds, Duration measured, Duration warmUp) {
      return new Plan(rounds, measured, warmUp, 5_000, 200, 50_000);
    }
  }

  /** What came out: a table in Markdown, and figures. */
  public record Outcome(String table, ImmutableMap<String, Double> figures) {}

  /** Describes one. */
  public Durable(Plan plan, PrintStream progress) {
    this.plan = plan;
    this.progress = progress;
  }

  /** Names and meanings of what {@link Outcome#figures} may have. */
  public static ImmutableMap<String, String> figureNames() {
    return ImmutableMap.<String, String>builder()
        .put("sqlite_alone_commits", "commits a second of SQLite alone, a row each")
        .put("sqlite_alone_rows", "rows a second of SQLite alone, 32 a commit")
        .put(
            "durable_worker_vs_memory",
            "background calls accepted a second, 32 in flight, one worker: durable / ordinary")
        .put(
            "durable_worker_accepts_per_job",
            "transactions that accept, for each of them; lower is better")
        .put("durable_worker_commits_per_job", "all transactions for each of them; likewise")
        .put("durable_worker_run_rate", "jobs that wait in the store run to their end a second")
        .put("durable_pool_vs_memory", "the same of a pool of 2")
        .put("durable_pool_accepts_per_job", "the same of a pool of 2; lower is better")
        .put("durable_pool_commits_per_job", "the same of a pool of 2; lower is better")
        .put("durable_pool_run_rate", "the same of a pool of 2")
        .put("durable_start_p50_ms", "from a durable call to its start on an idle pool of 2")
        .put("durable_start_p99_ms", "the same, p99")
        .put(
            "durable_full_store_accept",
            "durable calls accepted a second: 1,000,000 jobs wait / empty store")
        .put(
            "durable_full_store_start",
            "jobs of normal priority begun a second: 1,000,000 jobs wait / empty store")
        .put(
            "durable_postgresql_…",
            "those of workers, pools and starts with a store on PostgreSQL, see " + POSTGRESQL)
        .buildOrThrow();
  }

  /** Measures. */
  public Outcome run() throws IOException {
    List<JobLine> lines = new ArrayList<>();
    ImmutableMap.Builder<String, Double> figures = ImmutableMap.builder();
    String folder = System.getenv(FOLDER);
    Path parent =
        Strings.isNullOrEmpty(folder)
            ? Files.createTempDirectory("clutch-benchmark")
            : Files.createTempDirectory(Path.of(folder), "clutch-benchmark");
    try {
      new SqliteAlone(plan, progress).run(parent, lines, figures);
      for (Servers servers : Servers.values()) {
        new Acceptance(plan, servers, Store.sqlite(parent), progress).run(parent, lines, figures);
      }
      new StartTimes(plan, Store.sqlite(parent), progress).run(parent, lines, figures);
      new FullStore(plan, progress).run(parent, lines, figures);
      String url = System.getenv(POSTGRESQL);
      if (Strings.isNullOrEmpty(url)) {
        progress.println("durable calls: no PostgreSQL, for " + POSTGRESQL + " is not set");
      } else {
        Store store = Store.postgresql(url);
        for (Servers servers : Servers.values()) {
          new Acceptance(plan, servers, store, progress).run(parent, lines, figures);
        }
        new StartTimes(plan, store, progress).run(parent, lines, figures);
      }
    } finally {
      MoreFiles.deleteRecursively(parent, RecursiveDeleteOption.ALLOW_INSECURE);
    }
    return new Outcome(JobLine.table(lines), figures.buildOrThrow());
  }
}
