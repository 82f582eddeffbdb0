package io.clutch.benchmarks.durable;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How many background calls are accepted, ordinary ones and durable ones of the same function in
 * turn; and how many jobs that wait are run.
 */
final class Acceptance {

  static final int OUTSTANDING = 32;

  /** How many calls are made at a time where it does not matter how quickly they are accepted. */
  static final int MANY_OUTSTANDING = 256;

  static final Duration SETTLE = Duration.ofMillis(250);

  /** After so many rounds a backlog shows nothing new. */
  static final int MOST_BACKLOGS = 3;

  private final Durable.Plan plan;
  private final Servers servers;
  private final Store store;
  private final PrintStream progress;
  private final Rounds ordinary = new Rounds();
  private final Rounds durable = new Rounds();
  private final Rounds backlogs = new Rounds();

  Acceptance(Durable.Plan plan, Servers servers, Store store, PrintStream progress) {
    this.plan = plan;
    this.servers = servers;
    this.store = store;
    this.progress = progress;
  }

  /** Measures, and adds what came out. */
  void run(Path parent, List<JobLine> lines, ImmutableMap.Builder<String, Double> figures)
      throws IOException {
    String contestant = store.description() + ", " + servers.description();
    progress.println("durable calls: warming up: " + contestant);
    JobParty party = JobParty.start(servers, store, parent, progress);
    try (party) {
      party.accept(false, OUTSTANDING, Duration.ZERO, plan.warmUp());
      party.accept(true, OUTSTANDING, Duration.ZERO, plan.warmUp());
      for (int round = 1; round <= plan.rounds(); round++) {
        progress.printf("durable calls: %s: round %d of %d%n", contestant, round, plan.rounds());
        // So that neither always comes first.
        boolean isDurableFirst = round % 2 == 0;
        measure(party, isDurableFirst);
        measure(party, !isDurableFirst);
        if (round <= MOST_BACKLOGS) {
          backlogs.add(party.backlog(plan.backlog(), MANY_OUTSTANDING, true));
        }
      }
    }
    double accepts = party.lastWord().acceptCommitsPerJob();
    double commits = party.lastWord().commitsPerJob();
    String load = OUTSTANDING + " in flight, until they are accepted";
    lines.add(ordinary.line(load, contestant + ": ordinary"));
    lines.add(durable.line(load, contestant + ": durable", accepts, commits));
    lines.add(
        backlogs.line(
            "%,d jobs that wait, until they are done".formatted(plan.backlog()), contestant));
    String name = "durable_" + store.id();
    figures.put(name + servers.id() + "_vs_memory", durable.ratio(ordinary));
    figures.put(name + servers.id() + "_accepts_per_job", accepts);
    figures.put(name + servers.id() + "_commits_per_job", commits);
    figures.put(name + servers.id() + "_run_rate", backlogs.median("rate"));
  }

  private void measure(JobParty party, boolean isDurable) {
    (isDurable ? durable : ordinary)
        .add(party.accept(isDurable, OUTSTANDING, SETTLE, plan.measured()));
  }
}
