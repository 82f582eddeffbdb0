package io.clutch.benchmarks.fairshare;

import com.google.common.collect.ImmutableList;
import io.clutch.benchmarks.load.ClosedLoop;
import io.clutch.benchmarks.load.Done;
import io.clutch.benchmarks.load.Failures;
import io.clutch.benchmarks.load.Measurement;
import io.clutch.benchmarks.load.OpenLoop;
import io.clutch.benchmarks.load.Usage;
import io.clutch.benchmarks.program.Dialogue;
import io.clutch.benchmarks.program.Fields;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The clients of the fair-share benchmark, all in one process. */
public final class ShareClientProgram {

  /** A call that has not ended by then has failed. */
  static final Duration DEADLINE = Duration.ofSeconds(10);

  /**
   * How long quick calls are made as fast as they end: at some hundred calls a second, it would
   * take minutes until the compiler has seen to all processes, and until then it is them that calls
   * wait for.
   */
  private static final Duration COMPILE = Duration.ofSeconds(6);

  /** So many at a time, by each client. */
  private static final int QUICK_CALLS = 8;

  /** How long calls come as they do afterwards. */
  private static final Duration WARM_UP = Duration.ofSeconds(3);

  private ShareClientProgram() {}

  /**
   * Answers questions.
   *
   * @param args the address of the pool
   */
  public static void main(String[] args) throws Exception {
    new Dialogue().answer(question -> answer(args[0], question));
  }

  private static Fields answer(String address, Fields question) throws InterruptedException {
    int count = question.integer("clients");
    List<ShareClient> clients = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      clients.add(
          question.flag("foreign") ? new ForeignClient(address) : new ClutchShareClient(address));
    }
    try {
      double rate = question.number("rate");
      long seed = (long) question.number("seed");
      compile(clients);
      OpenLoop.run(new Calls(clients, Arrivals.of(seed + 1, rate, WARM_UP, count)));
      Duration time = Duration.ofMillis(question.integer("millis"));
      Calls calls = new Calls(clients, Arrivals.of(seed, rate, time, count));
      OpenLoop.run(calls);
      return calls.result();
    } finally {
      clients.forEach(ShareClient::close);
    }
  }

  private static void compile(List<ShareClient> clients) throws InterruptedException {
    AtomicInteger turn = new AtomicInteger();
    Measurement unused =
        ClosedLoop.run(
            done ->
                clients.get(Math.floorMod(turn.getAndIncrement(), clients.size())).sleep(0, done),
            QUICK_CALLS * clients.size(),
            Duration.ZERO,
            COMPILE,
            Usage.NONE);
  }

  /** Each element of the times is written once, by the thread on which its call ends. */
  private static final class Calls implements OpenLoop.Plan {
    private final List<ShareClient> clients;
    private final ImmutableList<Arrival> arrivals;
    private final long[] nanos;
    private final Failures failures = new Failures();

    Calls(List<ShareClient> clients, ImmutableList<Arrival> arrivals) {
      this.clients = clients;
      this.arrivals = arrivals;
      this.nanos = new long[arrivals.size()];
    }

    @Override
    public int size() {
      return arrivals.size();
    }

    @Override
    public long dueNanos(int call) {
      return arrivals.get(call).dueNanos();
    }

    @Override
    public void start(int call, Done done) {
      Arrival arrival = arrivals.get(call);
      clients.get(arrival.client()).sleep(arrival.millis(), done);
    }

    @Override
    public void ended(int call, long taken, @Nullable Throwable failure) {
      nanos[call] = taken;
      if (failure != null) {
        // To fail quickly must not look good.
        nanos[call] = DEADLINE.toNanos();
        failures.add(failure);
      }
    }

    Fields result() {
      Throwable first = failures.first();
      if (first != null) {
        System.err.println(failures.count() + " calls failed, the first: " + first);
      }
      Shares shares = Shares.ofShortCalls(arrivals, nanos);
      return Fields.none()
          .with("p50", shares.p50())
          .with("p99", shares.p99())
          .with("p999", shares.p999())
          .with("failed", failures.count());
    }
  }
}
