package io.clutch.benchmarks.micro;

import com.google.common.base.Ticker;
import io.clutch.worker.internal.permits.Permits;
import io.clutch.worker.internal.permits.Places;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What permits add to a call at the worker, from its arrival to its end. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PermitsBenchmark {

  /** How long functions take. */
  public enum Speed {
    /** Each client has a share. */
    QUICK,
    /** What is free is told after each call. */
    SLOW
  }

  /** What is measured. */
  @Param public Speed speed = Speed.QUICK;

  /** How many clients there are, one of which calls. */
  @Param({"1", "8"})
  public int clients;

  private final OneCallAtATime places = new OneCallAtATime();
  private final Permits permits = new Permits(places, Ticker.systemTicker());
  private final List<Permits.Seat> seats = new ArrayList<>();
  private int told;

  /** Lets the clients come, and the permits learn how long functions take. */
  @Setup
  public void prepare() {
    for (int i = 0; i < clients; i++) {
      seats.add(permits.open(number -> told = number));
    }
    permits.ran(TimeUnit.MICROSECONDS.toNanos(speed == Speed.QUICK ? 10 : 10_000));
    for (int i = 0; i < 100; i++) {
      permits.ran(TimeUnit.MICROSECONDS.toNanos(speed == Speed.QUICK ? 10 : 10_000));
      var unused = permits.tick();
    }
  }

  /** A call comes, takes a place, and ends. */
  @Benchmark
  public int call() {
    Permits.Seat seat = seats.get(0);
    seat.heard();
    seat.came();
    places.busy = 1;
    permits.changed();
    permits.ran(10_000);
    places.busy = 0;
    seat.ended();
    return told;
  }

  private static final class OneCallAtATime implements Places {
    private int busy;

    @Override
    public int concurrency() {
      return 4;
    }

    @Override
    public int free() {
      return concurrency() - busy;
    }

    @Override
    public int waiting() {
      return 0;
    }

    @Override
    public int backlog() {
      return 0;
    }

    @Override
    public long ended() {
      return 0;
    }

    @Override
    public void giveBack() {
      throw new IllegalStateException("nothing waits");
    }
  }
}
