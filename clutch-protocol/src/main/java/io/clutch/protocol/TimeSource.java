package io.clutch.protocol;

import com.google.common.base.Ticker;
import io.grpc.Deadline;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ScheduledExecutorService;

/**
 * What a worker or a client takes for the time. Programs have no need of it: the default is the
 * system's. It is for tests in which time passes by hand. Deadlines, time limits and pauses follow
 * it; what is told of them is in the system's time all the same: when a worker started ({@code
 * Describe}), and the times and durations of telemetry. Thread-safe.
 */
public interface TimeSource extends InstantSource {

  /**
   * Nanoseconds, for deadlines and limits; never goes backwards. Always the same object, and the
   * same one for all whose calls meet, in-process servers included: gRPC refuses to compare
   * deadlines of different tickers.
   */
  Deadline.Ticker ticker();

  /** Runs tasks when {@link #ticker} has come to their time. Whoever made it shuts it down. */
  ScheduledExecutorService timer();

  /** {@link #ticker} for what Guava counts. */
  default Ticker guavaTicker() {
    Deadline.Ticker ticker = ticker();
    return new Ticker() {
      @Override
      public long read() {
        return ticker.nanoTime();
      }
    };
  }

  /** The system's time, with a {@code timer} of the caller's. */
  static TimeSource system(ScheduledExecutorService timer) {
    return new TimeSource() {
      @Override
      public Deadline.Ticker ticker() {
        return Deadline.getSystemTicker();
      }

      @Override
      public Ticker guavaTicker() {
        return Ticker.systemTicker();
      }

      @Override
      public ScheduledExecutorService timer() {
        return timer;
      }

      @Override
      public Instant instant() {
        return Instant.now();
      }
    };
  }
}
