package io.clutch.benchmarks.endtoend;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.clutch.benchmarks.report.Line;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Measures contestants under loads, in rounds: in each, every contestant has its turn, so that what
 * the machine does beside hits all of them.
 */
public final class EndToEnd {

  /** How long a load runs before it is measured, each time. */
  private static final Duration SETTLE = Duration.ofMillis(250);

  private final Plan plan;
  private final PrintStream progress;

  /**
   * What to measure.
   *
   * @param rounds how often each contestant has its turn under each load
   * @param measured how long it is measured each time
   * @param warmUp how long each contestant runs before anything is measured, for each number of
   *     connections
   */
  public record Plan(
      ImmutableSet<Contestant> contestants,
      ImmutableSet<Load> loads,
      int rounds,
      Duration measured,
      Duration warmUp) {}

  /** What came out. */
  public record Outcome(ImmutableList<Line> lines, ImmutableMap<String, Double> ratios) {}

  /** Describes one. */
  public EndToEnd(Plan plan, PrintStream progress) {
    this.plan = plan;
    this.progress = progress;
  }

  /** Names and meanings of what {@link Outcome#ratios} may have. */
  public static ImmutableMap<String, String> ratioNames() {
    return Ratio.ALL.stream().collect(ImmutableMap.toImmutableMap(Ratio::name, Ratio::meaning));
  }

  /** Measures. */
  public Outcome run() throws IOException {
    Results results = new Results();
    Map<Contestant, Party> parties = new EnumMap<>(Contestant.class);
    try {
      for (Contestant contestant : plan.contestants()) {
        progress.println("warming up: " + contestant.description());
        Party party = new Party(contestant);
        parties.put(contestant, party);
        warmUp(contestant, party);
      }
      for (Load load : plan.loads()) {
        run(load, parties, results);
      }
    } finally {
      parties.values().forEach(Party::close);
    }
    return new Outcome(results.lines(), ratios(results));
  }

  private void warmUp(Contestant contestant, Party party) {
    for (int connections : contestant.connections()) {
      party.warmUp(Load.FLIGHT_64, connections, plan.warmUp());
    }
  }

  private void run(Load load, Map<Contestant, Party> parties, Results results) {
    List<Entry> entries = entries(load);
    for (int round = 1; round <= plan.rounds(); round++) {
      progress.printf("%s: round %d of %d%n", load.description(), round, plan.rounds());
      for (Entry entry : entries) {
        Party party = requireNonNull(parties.get(entry.contestant()));
        results.add(entry, party.measure(entry, SETTLE, plan.measured()));
      }
      // So that nobody always comes first, or always after the same.
      Collections.rotate(entries, 1);
    }
  }

  private List<Entry> entries(Load load) {
    List<Entry> entries = new ArrayList<>();
    for (Contestant contestant : plan.contestants()) {
      for (int connections : contestant.connections()) {
        if (load.fits(contestant, connections)) {
          entries.add(new Entry(load, contestant, connections));
        }
      }
    }
    return entries;
  }

  private static ImmutableMap<String, Double> ratios(Results results) {
    ImmutableMap.Builder<String, Double> ratios = ImmutableMap.builder();
    for (Ratio ratio : Ratio.ALL) {
      double value = ratio.of().applyAsDouble(results);
      if (!Double.isNaN(value)) {
        ratios.put(ratio.name(), value);
      }
    }
    return ratios.buildOrThrow();
  }
}
