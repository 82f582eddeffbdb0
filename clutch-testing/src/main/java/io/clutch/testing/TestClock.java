package io.clutch.testing;

import static com.google.common.base.Preconditions.checkArgument;

import com.google.common.math.LongMath;
import com.google.common.util.concurrent.ForwardingExecutorService;
import io.clutch.protocol.Durations;
import io.clutch.protocol.TimeSource;
import io.grpc.Deadline;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * The time of a {@link TestWorker} and its client: it stands still until it is advanced, however
 * long the test takes.
 *
 * <p>What comes due (a deadline, a worker's time limit, a task of {@link #timer}) runs in {@link
 * #advance}, on the thread that calls it, in the order of time. What follows from that on other
 * threads (a caller hears of its deadline) may come a moment later.
 *
 * <p>One kind of wait does not wait for the test: the pauses of the client between the attempts of
 * a call let the time pass themselves, as far as they go. With {@link #autoAdvance} faults do that,
 * too.
 *
 * <p>Code under test can live in this time, too: it is an {@link java.time.InstantSource}, and has
 * a {@link #timer}. Thread-safe. Never goes backwards.
 */
public final class TestClock implements TimeSource {

  private final ManualTimer timer = new ManualTimer();
  private final Instant start = Instant.now();
  private final Deadline.Ticker ticker = new TestTicker();
  private final TimeSource ofClients = new TimeOfClients();
  private volatile boolean automatic;

  /** A clock that shows the time of its making. */
  public TestClock() {}

  /**
   * Lets time pass.
   *
   * @param duration 0 or more, at most 100 years
   * @throws IllegalArgumentException where it is negative or too long
   */
  public void advance(Duration duration) {
    checkArgument(
        !duration.isNegative() && duration.compareTo(Durations.LONGEST) <= 0,
        "the clock cannot advance by %s: want 0 or more, at most 100 years",
        duration);
    timer.advance(duration.toNanos());
  }

  /**
   * Whether faults let the time pass that they take: a delayed call moves the clock to the end of
   * its delay when it comes, one that gets no answer to its deadline. For tests whose own thread
   * waits for such a call, so that nobody is left to advance the clock. Off by default, and at the
   * end of each test.
   */
  public void autoAdvance(boolean on) {
    automatic = on;
  }

  /** How much time has passed. */
  public Duration elapsed() {
    return Duration.ofNanos(timer.now());
  }

  @Override
  public Instant instant() {
    return start.plus(elapsed());
  }

  @Override
  public Deadline.Ticker ticker() {
    return ticker;
  }

  /**
   * Runs tasks in {@link #advance}; those without delay at once, on a thread of its own. It is
   * shared: to shut it down has no effect.
   */
  @Override
  public ScheduledExecutorService timer() {
    return timer;
  }

  /** The same time; but to schedule a task lets the time until then pass. */
  TimeSource ofClients() {
    return ofClients;
  }

  /** No time passes by itself until {@link #release}. */
  void hold() {
    timer.hold();
  }

  void release() {
    timer.release();
  }

  /** Something waits for {@code duration}, and nothing else has to happen meanwhile. */
  void waits(Duration duration) {
    if (automatic) {
      timer.advanceSoonTo(LongMath.saturatedAdd(timer.now(), duration.toNanos()));
    }
  }

  @Override
  public String toString() {
    return "TestClock at " + elapsed();
  }

  private final class TestTicker extends Deadline.Ticker {
    @Override
    public long nanoTime() {
      return timer.now();
    }

    /** What an error of gRPC says that meets deadlines of two times. */
    @Override
    public String toString() {
      return TestClock.this + " (all who call each other in a test must share a clock)";
    }
  }

  private final class TimeOfClients implements TimeSource {
    private final ScheduledExecutorService pauses = new Pauses();

    @Override
    public Deadline.Ticker ticker() {
      return ticker;
    }

    @Override
    public ScheduledExecutorService timer() {
      return pauses;
    }

    @Override
    public Instant instant() {
      return TestClock.this.instant();
    }
  }

  private final class Pauses extends ForwardingExecutorService implements ScheduledExecutorService {

    @Override
    protected ExecutorService delegate() {
      return timer;
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
      ScheduledFuture<?> task = timer.schedule(command, delay, unit);
      timer.advanceSoonTo(ManualTimer.due(task));
      return task;
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
      ScheduledFuture<V> task = timer.schedule(callable, delay, unit);
      timer.advanceSoonTo(ManualTimer.due(task));
      return task;
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(
        Runnable command, long initialDelay, long period, TimeUnit unit) {
      return timer.scheduleAtFixedRate(command, initialDelay, period, unit);
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(
        Runnable command, long initialDelay, long delay, TimeUnit unit) {
      return timer.scheduleWithFixedDelay(command, initialDelay, delay, unit);
    }
  }
}
