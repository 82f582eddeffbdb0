package io.clutch.cli;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes the same call over and over: at a given rate, however long the calls take, or else whenever
 * one of those under way has ended.
 *
 * <p>At a rate, a call's time counts from the moment when it was due. So a worker that stands still
 * cannot hide it by keeping calls from being made.
 */
final class BenchRun {

  /** How many calls are under way at most, at a rate. */
  static final int MOST_AT_A_RATE = 10_000;

  private final Supplier<? extends CompletableFuture<?>> call;
  private final int outstanding;
  private final @Nullable Double rate;
  private final BenchTally tally = new BenchTally();

  /**
   * Describes one.
   *
   * @param call starts a call
   * @param outstanding how many calls are under way at most
   * @param rate how many calls are made a second; null is as many as are answered
   */
  BenchRun(Supplier<? extends CompletableFuture<?>> call, int outstanding, @Nullable Double rate) {
    this.call = call;
    this.outstanding = outstanding;
    this.rate = rate;
  }

  /** What became of the calls. */
  BenchTally tally() {
    return tally;
  }

  /**
   * Makes calls for {@code warmUp}, which do not count, and then for {@code measured}, and waits
   * for their ends.
   *
   * @return how long the latter took, to the end of the last one, in nanoseconds
   */
  long run(Duration warmUp, Duration measured) throws InterruptedException {
    if (!warmUp.isZero()) {
      long unused = makeCalls(warmUp, new BenchTally());
    }
    return makeCalls(measured, tally);
  }

  private long makeCalls(Duration time, BenchTally counted) throws InterruptedException {
    Semaphore places = new Semaphore(outstanding);
    long start = System.nanoTime();
    long nanos = time.toNanos();
    for (long number = 0; ; number++) {
      long due;
      if (rate == null) {
        places.acquire();
        due = System.nanoTime() - start;
      } else {
        due = (long) (number * (1e9 / requireNonNull(rate)));
      }
      if (due >= nanos) {
        break;
      }
      if (rate != null) {
        awaitNanoTime(start + due);
        places.acquire();
      }
      long begin = start + due;
      var unused =
          call.get()
              .whenComplete(
                  (result, failure) -> {
                    counted.add(System.nanoTime() - begin, failure);
                    places.release();
                  });
    }
    places.acquire(rate == null ? outstanding - 1 : outstanding);
    return System.nanoTime() - start;
  }

  private static void awaitNanoTime(long moment) throws InterruptedException {
    for (long wait = moment - System.nanoTime(); wait > 0; wait = moment - System.nanoTime()) {
      LockSupport.parkNanos(wait);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }
}
