package io.clutch.cli;

import io.clutch.client.ClutchClient;
import io.clutch.client.Request;
import io.clutch.protocol.Durations;
import io.clutch.v1.Payload;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Calls one function over and over, and prints how that went. */
@Command(
    name = "bench",
    description = {
      "Calls one function over and over, and prints how fast that went: as fast as it is answered,"
          + " or with --rate at a steady pace.",
      "Exits with 1 where a call failed."
    },
    mixinStandardHelpOptions = true)
final class BenchCommand implements Callable<Integer> {

  private static final int DEFAULT_OUTSTANDING = 64;

  /** How much of the rate that was asked for there has to be. */
  private static final double ENOUGH = 0.99;

  @Mixin private ClientOptions options;
  @Mixin private RequestOptions call;

  @Option(
      names = "--outstanding",
      paramLabel = "N",
      description =
          "How many calls are under way at a time; with --rate, at most: those that are due then"
              + " wait, and the wait counts. Default: "
              + DEFAULT_OUTSTANDING
              + "; with --rate "
              + BenchRun.MOST_AT_A_RATE
              + ".")
  private @Nullable Integer outstanding;

  @Option(
      names = "--rate",
      paramLabel = "N/s",
      converter = RateConverter.class,
      description =
          "How many calls are made a second, however long they take, such as 500/s. The time of a"
              + " call counts from the moment when it was due. Default: as many as are answered.")
  private @Nullable Double rate;

  @Option(
      names = "--warmup",
      paramLabel = "TIME",
      defaultValue = "2s",
      converter = WarmUpConverter.class,
      description =
          "How long calls are made before they count; 0s is not at all. Default: ${DEFAULT-VALUE}.")
  private Duration warmUp;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      defaultValue = "10s",
      description = "How long new calls are made that count. Default: ${DEFAULT-VALUE}.")
  private Duration duration;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Request<Payload> request = call.request();
    BenchRun run;
    long nanos;
    try (ClutchClient client = options.client()) {
      run = new BenchRun(() -> client.requestAsync(request), outstanding(), rate);
      nanos = run.run(warmUp, duration);
    }
    print(run.tally(), nanos);
    return run.tally().failed() == 0 ? ExitCode.OK : ExitCode.FAILED;
  }

  private int outstanding() {
    if (outstanding == null) {
      return rate == null ? DEFAULT_OUTSTANDING : BenchRun.MOST_AT_A_RATE;
    }
    if (outstanding < 1) {
      throw new ParameterException(
          spec.commandLine(), "--outstanding is %d: want 1 or more".formatted(outstanding));
    }
    return outstanding;
  }

  private void print(BenchTally tally, long nanos) {
    PrintWriter out = spec.commandLine().getOut();
    double reached = tally.calls() / (nanos / 1e9);
    out.printf("calls: %d%n", tally.calls());
    out.printf("failed: %d%n", tally.failed());
    out.printf(Locale.ROOT, "rate: %.0f/s%n", reached);
    if (tally.hasTimes()) {
      for (double percentile : List.of(50.0, 90.0, 99.0, 99.9)) {
        out.printf("p%s: %s%n", trim(percentile), millis(tally.nanosAt(percentile)));
      }
      out.printf("max: %s%n", millis(tally.maxNanos()));
    }
    out.flush();
    PrintWriter err = spec.commandLine().getErr();
    if (rate != null && reached < ENOUGH * rate) {
      err.printf(Locale.ROOT, "%.0f calls a second were asked for, and not reached%n", rate);
    }
    tally
        .failures()
        .forEach(
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

  private static String millis(long nanos) {
    return String.format(Locale.ROOT, "%.3f ms", nanos / 1e6);
  }

  static final class RateConverter implements ITypeConverter<Double> {
    private static final Pattern RATE = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)(?:/s)?");

    @Override
    public Double convert(String text) {
      Matcher matcher = RATE.matcher(text.strip());
      double value = matcher.matches() ? Double.parseDouble(matcher.group(1)) : 0;
      if (value <= 0) {
        throw new TypeConversionException(
            "'"
                + text
                + "' is no rate: want a number more than 0 of calls a second, such as 500/s");
      }
      return value;
    }
  }

  /** As for other durations, but none is legal, too. */
  static final class WarmUpConverter implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      try {
        Duration duration = Durations.parse(text);
        if (duration.compareTo(Durations.LONGEST) <= 0) {
          return duration;
        }
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
      throw new TypeConversionException("'" + text + "' is more than 100 years");
    }
  }
}
