package io.clutch.benchmarks.durable;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How long it takes from a durable call to the moment when its function begins, where nothing else
 * is to be done.
 */
final class StartTimes {

  /** Longer than a job takes, so that it finds the pool asleep. */
  private static final Duration PAUSE = Duration.ofMillis(6);

  private final Durable.Plan plan;
  private final Store store;
  private final PrintStream progress;

  StartTimes(Durable.Plan plan, Store store, PrintStream progress) {
    this.plan = plan;
    this.store = store;
    this.progress = progress;
  }

  /** Measures, and adds what came out. */
  void run(Path parent, List<JobLine> lines, ImmutableMap.Builder<String, Double> figures)
      throws IOException {
    String contestant = store.description() + ", " + Servers.POOL.description();
    progress.println("durable calls: start on an idle pool: " + contestant);
    Rounds rounds = new Rounds();
    try (JobParty party = JobParty.start(Servers.POOL, store, parent, progress)) {
      // At a hundred calls a second, it would take minutes until the compiler has seen to it.
      party.accept(true, Acceptance.OUTSTANDING, Duration.ZERO, plan.warmUp());
      party.moments(plan.moments() / 4, PAUSE);
      rounds.add(party.moments(plan.moments(), PAUSE));
    }
    lines.add(rounds.line("1 at a time, from the call to the function's start", contestant));
    String name = "durable_" + store.id();
    figures.put(name + "start_p50_ms", rounds.median("p50") / 1e3);
    figures.put(name + "start_p99_ms", rounds.median("p99") / 1e3);
  }
}
