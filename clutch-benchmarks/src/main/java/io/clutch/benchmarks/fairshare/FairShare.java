package io.clutch.benchmarks.fairshare;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.clutch.benchmarks.program.Fields;
import io.clutch.benchmarks.program.JavaProgram;
import io.clutch.benchmarks.report.Line;
import io.clutch.benchmarks.server.PoolProgram;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;

/**
 * A pool gets short calls and some long ones. How long the short ones take is compared with one
 * ideal queue for all processes, in which the very same calls come at the same moments.
 */
public final class FairShare {

  private static final int PROCESSES = 4;
  private static final double LOAD = 0.7;

  /** Any will do; the same one makes runs comparable. */
  private static final long SEED = 20_120_611;

  private static final String WHAT = "fair share: short calls among long ones";

  private final Duration time;
  private final PrintStream progress;

  /** What came out. */
  public record Outcome(ImmutableList<Line> lines, ImmutableMap<String, Double> ratios) {}

  private record Callers(String name, String description, int clients, boolean isForeign) {}

  private static final ImmutableList<Callers> ALL =
      ImmutableList.of(
          new Callers("fair_share_1", "Clutch, pool of 4, 1 client", 1, false),
          new Callers("fair_share_8", "Clutch, pool of 4, 8 clients", 8, false),
          new Callers("fair_share_foreign", "Clutch, pool of 4, 1 client of plain gRPC", 1, true));

  /** Describes one; {@code time} is how long calls come from each kind of clients. */
  public FairShare(Duration time, PrintStream progress) {
    this.time = time;
    this.progress = progress;
  }

  /** Names and meanings of what {@link Outcome#ratios} may have. */
  public static ImmutableMap<String, String> ratioNames() {
    return ImmutableMap.of(
        "fair_share_1",
        "p99 of the short calls / that of one ideal queue, 1 client",
        "fair_share_8",
        "the same from 8 clients",
        "fair_share_foreign",
        "the same from 1 client of plain gRPC, with one connection");
  }

  /** Measures. */
  public Outcome run() throws IOException {
    double rate = Arrivals.rate(PROCESSES, LOAD);
    List<Arrival> arrivals = Arrivals.of(SEED, rate, time, 1);
    Shares ideal = Shares.ofShortCalls(arrivals, IdealQueue.nanos(arrivals, PROCESSES));
    ImmutableList.Builder<Line> lines = ImmutableList.builder();
    ImmutableMap.Builder<String, Double> ratios = ImmutableMap.builder();
    lines.add(line("one ideal queue for 4 processes (computed)", "", rate, ideal, 0));
    try (JavaProgram pool =
        JavaProgram.start("the pool", PoolProgram.class, List.of(String.valueOf(PROCESSES), "1"))) {
      String address = pool.answer().text("address");
      try (JavaProgram client =
          JavaProgram.start("the client", ShareClientProgram.class, List.of(address))) {
        for (Callers callers : ALL) {
          progress.println(WHAT + ": " + callers.description());
          Fields answer = client.ask(question(callers, rate));
          Shares shares =
              new Shares(answer.number("p50"), answer.number("p99"), answer.number("p999"));
          int connections = callers.clients() * (callers.isForeign() ? 1 : PROCESSES);
          lines.add(
              line(
                  callers.description(),
                  String.valueOf(connections),
                  rate,
                  shares,
                  answer.integer("failed")));
          ratios.put(callers.name(), shares.p99() / ideal.p99());
        }
      }
    }
    return new Outcome(lines.build(), ratios.buildOrThrow());
  }

  private Fields question(Callers callers, double rate) {
    return Fields.none()
        .with("clients", callers.clients())
        .with("foreign", callers.isForeign())
        .with("rate", rate)
        .with("seed", SEED)
        .with("millis", time.toMillis());
  }

  private static Line line(
      String contestant, String connections, double rate, Shares shares, long failed) {
    return new Line(
        WHAT,
        contestant,
        connections,
        rate,
        shares.p50(),
        shares.p99(),
        shares.p999(),
        Double.NaN,
        Double.NaN,
        Double.NaN,
        failed);
  }
}
