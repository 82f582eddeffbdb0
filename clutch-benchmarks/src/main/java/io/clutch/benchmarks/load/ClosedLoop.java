package io.clutch.benchmarks.load;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Keeps so many calls under way: whenever one ends, the next one starts, on the thread that tells
 * of the end. Shows how many calls a second there can be; how long one takes only where it is
 * alone.
 */
public final class ClosedLoop {

  /** How long the calls under way may take to end. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final Operation operation;
  private final LongAdder ended = new LongAdder();
  private final Failures failures = new Failures();
  private final Latencies latencies = new Latencies();
  private final CountDownLatch slots;
  private final int outstanding;
  private final boolean isTimed;
  private volatile boolean isMeasured;
  private volatile boolean isOver;

  private ClosedLoop(Operation operation, int outstanding) {
    checkArgument(outstanding >= 1, "outstanding is %s: want 1 or more", outstanding);
    this.operation = operation;
    this.outstanding = outstanding;
    this.slots = new CountDownLatch(outstanding);
    // To look at the clock and to count on several threads costs calls.
    this.isTimed = outstanding == 1;
  }

  /**
   * Runs one.
   *
   * @param outstanding how many calls are under way; with 1, each is timed
   * @param settle how long it runs before it is measured
   * @param measured how long it is measured
   * @param usage is read at the beginning and at the end of the measured time
   */
  public static Measurement run(
      Operation operation, int outstanding, Duration settle, Duration measured, Usage usage)
      throws InterruptedException {
    return new ClosedLoop(operation, outstanding).run(settle, measured, usage);
  }

  private Measurement run(Duration settle, Duration measured, Usage usage)
      throws InterruptedException {
    for (int i = 0; i < outstanding; i++) {
      new Slot().next();
    }
    Thread.sleep(settle.toMillis());
    long callsBefore = ended.sum();
    Usage.Reading before = usage.read();
    long begin = System.nanoTime();
    isMeasured = true;
    Thread.sleep(measured.toMillis());
    isMeasured = false;
    long nanos = System.nanoTime() - begin;
    Usage.Reading after = usage.read();
    long calls = ended.sum() - callsBefore;
    isOver = true;
    checkState(
        slots.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS),
        "%s calls did not end within %s",
        slots.getCount(),
        PATIENCE);
    return new Measurement(calls, nanos, after.minus(before), latencies, failures);
  }

  private final class Slot implements Done {
    private long beginNanos;

    void next() {
      if (isTimed) {
        beginNanos = System.nanoTime();
      }
      operation.start(this);
    }

    @Override
    public void done(@Nullable Throwable failure) {
      if (failure != null) {
        // The measurement is void; the slot must not spin on a call that fails at once.
        failures.add(failure);
        slots.countDown();
        return;
      }
      if (isTimed && isMeasured) {
        latencies.record(System.nanoTime() - beginNanos);
      }
      ended.increment();
      if (isOver) {
        slots.countDown();
      } else {
        next();
      }
    }
  }
}
