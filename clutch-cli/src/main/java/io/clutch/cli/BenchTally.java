package io.clutch.cli;

import io.clutch.protocol.ClutchException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** What became of the calls of a bench: their number, times and failures. Thread-safe. */
final class BenchTally {

  private static final long LONGEST_NANOS = Duration.ofHours(1).toNanos();

  private final Histogram nanos = new ConcurrentHistogram(LONGEST_NANOS, 3);
  private final LongAdder calls = new LongAdder();
  private final LongAdder failed = new LongAdder();

  /** By reason. */
  private final ConcurrentHashMap<String, Failures> failures = new ConcurrentHashMap<>();

  /** Calls that failed for the same reason, and what the first of them said. */
  record Failures(LongAdder count, String first) {}

  /** Adds a call that took so long. */
  void add(long callNanos, @Nullable Throwable failure) {
    calls.increment();
    if (failure == null) {
      nanos.recordValue(Math.max(0, Math.min(LONGEST_NANOS, callNanos)));
      return;
    }
    failed.increment();
    String reason =
        failure instanceof ClutchException clutch
            ? clutch.reason().name()
            : failure.getClass().getName();
    failures
        .computeIfAbsent(
            reason, unused -> new Failures(new LongAdder(), String.valueOf(failure.getMessage())))
        .count
        .increment();
  }

  /** All calls, those that failed too. */
  long calls() {
    return calls.sum();
  }

  long failed() {
    return failed.sum();
  }

  /** Whether there is a call that did not fail. */
  boolean hasTimes() {
    return nanos.getTotalCount() > 0;
  }

  /** What so many percent of the calls that did not fail stayed within. */
  long nanosAt(double percentile) {
    return nanos.getValueAtPercentile(percentile);
  }

  /** The longest of the calls that did not fail. */
  long maxNanos() {
    return nanos.getMaxValue();
  }

  Map<String, Failures> failures() {
    return new TreeMap<>(failures);
  }
}
