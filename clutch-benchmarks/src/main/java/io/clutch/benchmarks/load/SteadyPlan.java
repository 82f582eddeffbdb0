package io.clutch.benchmarks.load;

import static com.google.common.base.Preconditions.checkArgument;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The same call at the same distances; those of the first part of the time are not timed. */
public final class SteadyPlan implements OpenLoop.Plan {

  private final Operation operation;
  private final double nanosBetween;
  private final int size;
  private final int firstTimed;
  private final Latencies latencies = new Latencies();
  private final Failures failures = new Failures();

  /**
   * Describes one.
   *
   * @param rate calls a second; more than 0
   * @param settle how long calls are made before they are timed
   * @param measured how long calls are made that are timed
   */
  public SteadyPlan(Operation operation, double rate, Duration settle, Duration measured) {
    checkArgument(rate > 0, "rate is %s: want more than 0", rate);
    this.operation = operation;
    this.nanosBetween = 1e9 / rate;
    this.firstTimed = (int) (settle.toNanos() / nanosBetween);
    this.size = firstTimed + Math.max(1, (int) (measured.toNanos() / nanosBetween));
  }

  /** How long the timed calls took. */
  public Latencies latencies() {
    return latencies;
  }

  /** The calls that failed. */
  public Failures failures() {
    return failures;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public long dueNanos(int call) {
    return (long) (call * nanosBetween);
  }

  @Override
  public void start(int call, Done done) {
    operation.start(done);
  }

  @Override
  public void ended(int call, long nanos, @Nullable Throwable failure) {
    if (failure != null) {
      failures.add(failure);
    } else if (call >= firstTimed) {
      latencies.record(nanos);
    }
  }
}
