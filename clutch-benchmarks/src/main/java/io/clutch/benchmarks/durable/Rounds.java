package io.clutch.benchmarks.durable;

import io.clutch.benchmarks.program.Fields;
import io.clutch.benchmarks.report.Statistics;
import java.util.ArrayList;
import java.util.List;

/** What one contestant's rounds showed. For one thread. */
final class Rounds {

  private final List<Fields> rounds = new ArrayList<>();

  /** Adds the next one: rate, failed, and where calls were timed, p50 and p99. */
  void add(Fields round) {
    rounds.add(round);
  }

  /** The median over the rounds; NaN where there are none, or they do not have it. */
  double median(String figure) {
    return Statistics.median(
        rounds.stream()
            .filter(round -> round.values().containsKey(figure))
            .map(round -> round.number(figure))
            .toList());
  }

  /**
   * The median over the rounds of this one's rate divided by the other's in the same round, so that
   * what the machine does beside hits both.
   */
  double ratio(Rounds other) {
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < Math.min(rounds.size(), other.rounds.size()); i++) {
      ratios.add(rounds.get(i).number("rate") / other.rounds.get(i).number("rate"));
    }
    return Statistics.median(ratios);
  }

  /** How many calls failed in all. */
  long failed() {
    return rounds.stream().mapToLong(round -> round.integer("failed")).sum();
  }

  /** The medians. */
  JobLine line(String load, String contestant) {
    return line(load, contestant, Double.NaN, Double.NaN);
  }

  /** The medians, with the transactions for each job: those that accepted, and all. */
  JobLine line(String load, String contestant, double acceptsPerJob, double commitsPerJob) {
    return new JobLine(
        load,
        contestant,
        median("rate"),
        median("p50"),
        median("p99"),
        acceptsPerJob,
        commitsPerJob,
        failed());
  }
}
