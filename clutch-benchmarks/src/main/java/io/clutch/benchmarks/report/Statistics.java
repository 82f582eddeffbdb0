package io.clutch.benchmarks.report;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;

/** What several figures come to. */
public final class Statistics {

  private Statistics() {}

  /**
   * The one in the middle; the mean of the two in the middle where their number is even. Those that
   * are NaN are left out; NaN where nothing is left.
   */
  public static double median(List<Double> figures) {
    double[] sorted =
        figures.stream().filter(x -> !x.isNaN()).mapToDouble(x -> x).sorted().toArray();
    if (sorted.length == 0) {
      return Double.NaN;
    }
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /**
   * What so many percent of the figures stay within, by the nearest rank.
   *
   * @param sorted in ascending order; at least one
   * @param percentile more than 0, at most 100
   */
  public static long percentile(long[] sorted, double percentile) {
    checkArgument(sorted.length > 0, "there are no figures");
    checkArgument(
        percentile > 0 && percentile <= 100,
        "percentile is %s: want more than 0 and at most 100",
        percentile);
    int rank = (int) Math.ceil(percentile / 100 * sorted.length);
    return sorted[Math.max(1, rank) - 1];
  }
}
