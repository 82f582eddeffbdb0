package io.clutch.benchmarks.endtoend;

import com.google.common.collect.ImmutableList;
import io.clutch.benchmarks.program.Clients;
import io.clutch.benchmarks.report.Line;
import io.clutch.benchmarks.report.Statistics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** What all rounds showed. For one thread. */
final class Results {

  private final Map<Entry, List<Sample>> samples = new LinkedHashMap<>();

  /** Adds what the next round showed. */
  void add(Entry entry, Sample sample) {
    samples.computeIfAbsent(entry, unused -> new ArrayList<>()).add(sample);
  }

  /** The median over the rounds; NaN where there are none. */
  double median(Entry entry, ToDoubleFunction<Sample> figure) {
    return Statistics.median(
        samples.getOrDefault(entry, List.of()).stream().map(figure::applyAsDouble).toList());
  }

  /**
   * The median over the rounds of one's figure divided by the other's in the same round, so that
   * what the machine does beside hits both; NaN where one of them is missing.
   */
  double ratio(Entry one, Entry other, ToDoubleFunction<Sample> figure) {
    List<Sample> ones = samples.getOrDefault(one, List.of());
    List<Sample> others = samples.getOrDefault(other, List.of());
    return Statistics.median(
        IntStream.range(0, Math.min(ones.size(), others.size()))
            .mapToObj(i -> figure.applyAsDouble(ones.get(i)) / figure.applyAsDouble(others.get(i)))
            .toList());
  }

  /** The highest of the rates with one and with two connections; NaN where there are none. */
  double bestRate(Load load, Contestant contestant) {
    return contestant.connections().stream()
        .mapToDouble(n -> median(new Entry(load, contestant, n), Sample::rate))
        .reduce(Double.NaN, Results::max);
  }

  /** The higher one of two that may be missing. */
  static double max(double a, double b) {
    return DoubleStream.of(a, b).filter(x -> !Double.isNaN(x)).max().orElse(Double.NaN);
  }

  /** The lower one of two that may be missing. */
  static double min(double a, double b) {
    return DoubleStream.of(a, b).filter(x -> !Double.isNaN(x)).min().orElse(Double.NaN);
  }

  /** The medians of everything, in the order in which it was first measured. */
  ImmutableList<Line> lines() {
    return samples.keySet().stream().map(this::line).collect(ImmutableList.toImmutableList());
  }

  private Line line(Entry entry) {
    return new Line(
        entry.load().description(),
        entry.contestant().description(),
        entry.connections() == Clients.AUTOMATIC ? "2" : String.valueOf(entry.connections()),
        median(entry, Sample::rate),
        median(entry, Sample::p50),
        median(entry, Sample::p99),
        median(entry, Sample::p999),
        median(entry, Sample::clientCpu),
        median(entry, Sample::workerCpu),
        median(entry, Sample::residentBytes),
        samples.getOrDefault(entry, List.of()).stream().mapToLong(Sample::failed).sum());
  }
}
