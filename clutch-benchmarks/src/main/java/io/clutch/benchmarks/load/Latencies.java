package io.clutch.benchmarks.load;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** How long calls took, to three digits. Thread-safe. */
public final class Latencies {

  private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(10);

  private final Histogram nanos = new ConcurrentHistogram(LONGEST_NANOS, 3);

  /** Adds a call. */
  public void record(long callNanos) {
    nanos.recordValue(Math.max(0, Math.min(LONGEST_NANOS, callNanos)));
  }

  /** How many calls there are. */
  public long count() {
    return nanos.getTotalCount();
  }

  /** What so many percent of the calls stay within, in microseconds; NaN where there are none. */
  public double micros(double percentile) {
    return count() == 0 ? Double.NaN : nanos.getValueAtPercentile(percentile) / 1e3;
  }
}
