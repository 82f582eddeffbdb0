package io.clutch.benchmarks.durable;

import io.clutch.benchmarks.report.MarkdownTable;
import java.util.List;
import java.util.Locale;

/**
 * A line of the table of durable calls. NaN is what was not measured.
 *
 * @param load what was to be done
 * @param contestant who did it
 * @param rate calls or jobs a second
 * @param p50 how long one took, in microseconds
 * @param p99 what 99 % stayed within
 * @param acceptsPerJob transactions that accepted jobs, for each of these
 * @param commitsPerJob all transactions, for each of them
 * @param failed how many calls failed
 */
record JobLine(
    String load,
    String contestant,
    double rate,
    double p50,
    double p99,
    double acceptsPerJob,
    double commitsPerJob,
    long failed) {

  /** The table of some lines. */
  static String table(List<JobLine> lines) {
    MarkdownTable table =
        new MarkdownTable(
            2,
            "durable calls",
            "contestant",
            "calls or jobs/s",
            "p50 µs",
            "p99 µs",
            "commits/job to accept",
            "in all",
            "failed");
    for (JobLine line : lines) {
      table.add(
          line.load,
          line.contestant,
          number(line.rate, 0),
          number(line.p50, 0),
          number(line.p99, 0),
          number(line.acceptsPerJob, 3),
          number(line.commitsPerJob, 3),
          String.valueOf(line.failed));
    }
    return table.toString();
  }

  private static String number(double value, int digits) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%,." + digits + "f", value);
  }
}
