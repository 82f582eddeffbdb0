package io.clutch.cli;

import io.clutch.client.ClutchClient;
import io.clutch.client.Request;
import io.clutch.protocol.ClutchException;
import io.clutch.v1.Payload;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Calls one function as fast as it is answered. */
@Command(
    name = "bench",
    description = {
      "Calls one function over and over, so many calls at a time, and prints how fast that went.",
      "Exits with 1 where a call failed."
    },
    mixinStandardHelpOptions = true)
final class BenchCommand implements Callable<Integer> {

  private static final long LONGEST_MICROS = Duration.ofHours(1).toNanos() / 1_000;

  @Mixin private ClientOptions options;
  @Mixin private RequestOptions call;

  @Option(
      names = "--outstanding",
      paramLabel = "N",
      defaultValue = "64",
      description = "How many calls are under way at a time. Default: ${DEFAULT-VALUE}.")
  private int outstanding;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      defaultValue = "10s",
      description = "How long new calls are made. Default: ${DEFAULT-VALUE}.")
  private Duration duration;

  @Spec private CommandSpec spec;

  private final Histogram micros = new ConcurrentHistogram(LONGEST_MICROS, 3);
  private final LongAdder calls = new LongAdder();
  private final LongAdder failed = new LongAdder();

  /** By reason. */
  private final ConcurrentHashMap<String, Failures> failures = new ConcurrentHashMap<>();

  /** Calls that failed for the same reason, and what the first of them said. */
  private record Failures(LongAdder count, String first) {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (outstanding < 1) {
      throw new ParameterException(
          spec.commandLine(), "--outstanding is %d: want 1 or more".formatted(outstanding));
    }
    Request<Payload> request = call.request();
    long elapsed;
    try (ClutchClient client = options.client()) {
      elapsed = run(client, request);
    }
    print(elapsed);
    return failed.sum() == 0 ? ExitCode.OK : ExitCode.FAILED;
  }

  private long run(ClutchClient client, Request<Payload> request) throws InterruptedException {
    Semaphore places = new Semaphore(outstanding);
    long start = System.nanoTime();
    long end = start + duration.toNanos();
    while (System.nanoTime() - end < 0) {
      places.acquire();
      long begin = System.nanoTime();
      var unused =
          client
              .requestAsync(request)
              .whenComplete(
                  (result, failure) -> {
                    count(System.nanoTime() - begin, failure);
                    places.release();
                  });
    }
    places.acquire(outstanding);
    return System.nanoTime() - start;
  }

  private void count(long nanos, @Nullable Throwable failure) {
    calls.increment();
    if (failure == null) {
      micros.recordValue(Math.min(LONGEST_MICROS, nanos / 1_000));
      return;
    }
    failed.increment();
    String reason =
        failure instanceof ClutchException clutch
            ? clutch.reason().name()
            : failure.getClass().getName();
    failures
        .computeIfAbsent(
            reason, unused -> new Failures(new LongAdder(), String.valueOf(failure.getMessage())))
        .count
        .increment();
  }

  private void print(long nanos) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf("calls: %d%n", calls.sum());
    out.printf("failed: %d%n", failed.sum());
    out.printf(Locale.ROOT, "rate: %.0f/s%n", calls.sum() / (nanos / 1e9));
    if (micros.getTotalCount() > 0) {
      for (double percentile : List.of(50.0, 90.0, 99.0, 99.9)) {
        out.printf("p%s: %s%n", trim(percentile), millis(micros.getValueAtPercentile(percentile)));
      }
      out.printf("max: %s%n", millis(micros.getMaxValue()));
    }
    out.flush();
    PrintWriter err = spec.commandLine().getErr();
    failures.forEach(
        (reason, failed) ->
            err.printf(
                "%d calls failed: %s, the first: %s%n",
                failed.count().sum(), reason, failed.first()));
  }

  private static String trim(double percentile) {
    return percentile == Math.rint(percentile)
        ? String.valueOf((int) percentile)
        : String.valueOf(percentile);
  }

  private static String millis(long value) {
    return String.format(Locale.ROOT, "%.3f ms", value / 1e3);
  }
}
