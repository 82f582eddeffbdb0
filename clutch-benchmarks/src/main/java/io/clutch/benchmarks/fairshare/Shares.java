package io.clutch.benchmarks.fairshare;

import io.clutch.benchmarks.report.Statistics;
import java.util.List;
import java.util.stream.IntStream;

/** How long the short ones among some calls took, in microseconds. */
record Shares(double p50, double p99, double p999) {

  static Shares ofShortCalls(List<Arrival> arrivals, long[] nanos) {
    long[] sorted =
        IntStream.range(0, nanos.length)
            .filter(i -> arrivals.get(i).isShort())
            .mapToLong(i -> nanos[i])
            .sorted()
            .toArray();
    return new Shares(
        Statistics.percentile(sorted, 50) / 1e3,
        Statistics.percentile(sorted, 99) / 1e3,
        Statistics.percentile(sorted, 99.9) / 1e3);
  }
}
