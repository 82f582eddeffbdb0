package io.clutch.benchmarks.durable;

import com.google.common.collect.ImmutableMap;
import io.clutch.benchmarks.program.Fields;
import io.clutch.benchmarks.server.JobFunctions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Two pools in turn, one with an empty store, and one in whose store very many jobs wait: one half
 * of them of a function that only workers of another kind have, the other half of low priority, of
 * the function that is called. The places of the pool whose turn it is not are held, so that it
 * does nothing meanwhile.
 */
final class FullStore {

  /** How many calls are made at a time to fill it. */
  private static final int FILLING = 1000;

  private final Durable.Plan plan;
  private final PrintStream progress;

  FullStore(Durable.Plan plan, PrintStream progress) {
    this.plan = plan;
    this.progress = progress;
  }

  /** One of the two. */
  private record Side(JobParty party, Rounds accepted, Rounds begun) {
    Side(JobParty party) {
      this(party, new Rounds(), new Rounds());
    }
  }

  /** Measures, and adds what came out. */
  void run(Path parent, List<JobLine> lines, ImmutableMap.Builder<String, Double> figures)
      throws IOException {
    Store filled = Store.sqlite(parent);
    long before = fill(filled, parent);
    awaitDisk();
    try (JobParty fullParty = JobParty.start(Servers.POOL, filled, parent, progress)) {
      // It begins to run what it finds, as soon as it is there.
      fullParty.hold();
      try (JobParty emptyParty =
          JobParty.start(Servers.POOL, Store.sqlite(parent), parent, progress)) {
        Side full = new Side(fullParty);
        Side empty = new Side(emptyParty);
        progress.println("durable calls: warming up: two pools");
        turn(empty, Duration.ZERO, plan.warmUp(), false);
        turn(full, Duration.ZERO, plan.warmUp(), false);
        int rounds = Math.min(plan.rounds(), Acceptance.MOST_BACKLOGS);
        for (int round = 1; round <= rounds; round++) {
          progress.printf("durable calls: full and empty store: round %d of %d%n", round, rounds);
          boolean isFullFirst = round % 2 == 0;
          turn(isFullFirst ? full : empty, Acceptance.SETTLE, plan.measured(), true);
          turn(isFullFirst ? empty : full, Acceptance.SETTLE, plan.measured(), true);
        }
        long after = fullParty.pending();
        fullParty.release();
        emptyParty.release();
        add(filled, empty, "an empty store", lines);
        add(filled, full, "%,d to %,d jobs wait in it".formatted(before, after), lines);
        figures.put("durable_full_store_accept", full.accepted.ratio(empty.accepted));
        figures.put("durable_full_store_start", full.begun.ratio(empty.begun));
      }
    }
  }

  /** What was written is on the disk then, so that nobody's commits wait for that. */
  private static void awaitDisk() throws IOException {
    try {
      int unused = new ProcessBuilder("sync").inheritIO().start().waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** How many jobs wait in it then. */
  private long fill(Store store, Path parent) throws IOException {
    int half = plan.pending() / 2;
    JobParty filler = JobParty.startOfOtherKind(store, parent, progress);
    try (filler) {
      filler.hold();
      for (boolean isLow : new boolean[] {false, true}) {
        Fields answer =
            filler.fill(isLow ? JobFunctions.TALLY : JobFunctions.OTHER, isLow, half, FILLING);
        progress.printf(
            "durable calls: a store gets %,d jobs, %,.0f a second%n", half, answer.number("rate"));
      }
      long pending = filler.pending();
      // Or it would begin to run them.
      filler.kill();
      return pending;
    }
  }

  /** Begins and ends with the places held. */
  private void turn(Side side, Duration settle, Duration measured, boolean counts) {
    side.party.release();
    Fields accepted = side.party.accept(true, Acceptance.OUTSTANDING, settle, measured);
    Fields begun = side.party.backlog(plan.backlog(), Acceptance.MANY_OUTSTANDING, false);
    side.party.hold();
    if (counts) {
      side.accepted.add(accepted);
      side.begun.add(begun);
    }
  }

  private void add(Store store, Side side, String what, List<JobLine> lines) {
    String contestant = "%s, pool of 2, %s".formatted(store.description(), what);
    lines.add(
        side.accepted.line(
            Acceptance.OUTSTANDING + " in flight, until they are accepted", contestant));
    lines.add(
        side.begun.line(
            "%,d jobs that wait, until all have begun".formatted(plan.backlog()), contestant));
  }
}
