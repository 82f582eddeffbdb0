package io.clutch.benchmarks.report;

import java.util.Locale;

/**
 * A line of the table that people get. NaN is what was not measured.
 *
 * @param load what was to be done
 * @param contestant who did it
 * @param connections over how many connections
 * @param rate calls a second
 * @param p50 how long a call took, in microseconds
 * @param p99 what 99 % stayed within
 * @param p999 what 99.9 % stayed within
 * @param clientCpu the client's processor time for a call, in microseconds
 * @param workerCpu the workers'
 * @param residentBytes the workers' memory
 * @param failed how many calls failed
 */
public record Line(
    String load,
    String contestant,
    String connections,
    double rate,
    double p50,
    double p99,
    double p999,
    double clientCpu,
    double workerCpu,
    double residentBytes,
    long failed) {

  private static final double MEBIBYTE = 1024 * 1024;

  /** The table of some lines. */
  public static String table(Iterable<Line> lines) {
    MarkdownTable table =
        new MarkdownTable(
            2,
            "load",
            "contestant",
            "connections",
            "calls/s",
            "p50 µs",
            "p99 µs",
            "p99.9 µs",
            "client CPU µs/call",
            "worker CPU µs/call",
            "worker RSS MiB",
            "failed");
    for (Line line : lines) {
      table.add(
          line.load,
          line.contestant,
          line.connections,
          number(line.rate, 0),
          number(line.p50, 0),
          number(line.p99, 0),
          number(line.p999, 0),
          number(line.clientCpu, 1),
          number(line.workerCpu, 1),
          number(line.residentBytes / MEBIBYTE, 0),
          String.valueOf(line.failed));
    }
    return table.toString();
  }

  private static String number(double value, int digits) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%,." + digits + "f", value);
  }
}
