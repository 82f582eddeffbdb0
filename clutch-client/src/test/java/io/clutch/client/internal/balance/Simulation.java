package io.clutch.client.internal.balance;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Ticker;
import com.google.common.math.LongMath;
import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;

/** Time that passes by hand, and what is to happen in it. */
final class Simulation {

  private record Event(long at, long number, Runnable what) {}

  /** Not from 0: whoever compares absolute times instead of differences shall notice. */
  private long now = Long.MAX_VALUE - 1_000;

  private final long start = now;
  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::number));
  private long number;
  private Runnable check = () -> {};

  Ticker ticker() {
    return new Ticker() {
      @Override
      public long read() {
        return now;
      }
    };
  }

  /** How much time has passed. */
  Duration elapsed() {
    return Duration.ofNanos(now - start);
  }

  /** Has {@code check} run after everything that happens. */
  void afterEach(Runnable check) {
    this.check = check;
  }

  /** Has {@code what} happen later. */
  void in(Duration delay, Runnable what) {
    long at = LongMath.saturatedAdd(now - start, delay.toNanos());
    events.add(new Event(at, number++, what));
  }

  /** Lets time pass. */
  void run(Duration duration) {
    long end = now - start + duration.toNanos();
    int atOnce = 0;
    while (!events.isEmpty() && events.peek().at() <= end) {
      Event event = events.remove();
      atOnce = event.at() == now - start ? atOnce + 1 : 0;
      assertThat(atOnce).as("events at one moment").isLessThan(10_000);
      now = start + event.at();
      event.what().run();
      check.run();
    }
    now = start + end;
  }
}
