package io.clutch.benchmarks;

import com.google.common.collect.ImmutableMap;
import io.clutch.benchmarks.durable.Durable;
import io.clutch.benchmarks.endtoend.EndToEnd;
import io.clutch.benchmarks.fairshare.FairShare;
import io.clutch.benchmarks.report.Line;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code clutch-benchmarks/run}. */
@Command(
    name = "run",
    description = {
      "Measures Clutch beside plain gRPC on this machine, and prints a table in Markdown and the"
          + " figures that it comes to, one a line. Progress goes to standard error.",
      "'run micro' runs the JMH benchmarks, with JMH's own options: 'run micro -prof gc'."
    },
    customSynopsis = {"run [OPTIONS]", "run micro [OPTIONS OF JMH]"},
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class Main implements Callable<Integer> {

  @Option(names = "--quick", description = "A first impression in some three minutes.")
  private boolean quick;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "How often each contestant has its turn. Default: 5, or 1 with --quick.")
  private @Nullable Integer rounds;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "How long each turn is measured. Default: 1, or 0.4 with --quick.")
  private @Nullable Double seconds;

  @Option(
      names = "--warm-up",
      paramLabel = "S",
      description =
          "How long each contestant runs before anything is measured. Default: 5, or 1 with"
              + " --quick.")
  private @Nullable Double warmUp;

  @Option(
      names = "--share-seconds",
      paramLabel = "S",
      description =
          "How long calls come in each part of the fair-share benchmark. Default: 60, or 10 with"
              + " --quick.")
  private @Nullable Double shareSeconds;

  @Option(
      names = "--only",
      paramLabel = "NAME",
      split = ",",
      description =
          "Measures only these contestants and loads, separated by commas; see --list. A figure"
              + " is printed where everything that it needs was measured.")
  private List<String> only = new ArrayList<>();

  @Option(names = "--list", description = "Prints what --only can name.")
  private boolean list;

  @Spec private CommandSpec spec;

  Main() {}

  /** Measures, and ends the process: with 0, with 1 where it could not, with 2 at wrong usage. */
  public static void main(String[] args) {
    System.setOut(new PrintStream(System.out, true, StandardCharsets.UTF_8));
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    CommandLine commandLine = new CommandLine(new Main());
    commandLine
        .getCommandSpec()
        .usageMessage()
        .width(110)
        .footerHeading("%nFigures:%n")
        .footer(footer());
    return commandLine
        .setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8))
        .setExecutionExceptionHandler(
            (thrown, command, parsed) -> {
              command.getErr().println("run: " + thrown);
              return 1;
            });
  }

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    if (list) {
      lines(Selection.names()).forEach(out::println);
      return 0;
    }
    Selection selection = selection();
    int rounds = rounds();
    Duration measured = duration("--seconds", seconds, quick ? 0.4 : 1);
    Duration warming = duration("--warm-up", warmUp, quick ? 1 : 5);
    EndToEnd.Plan plan =
        new EndToEnd.Plan(selection.contestants(), selection.loads(), rounds, measured, warming);
    Duration shareTime = duration("--share-seconds", shareSeconds, quick ? 10 : 60);
    List<Line> table = new ArrayList<>();
    List<String> tables = new ArrayList<>();
    Map<String, Double> figures = new LinkedHashMap<>();
    if (!selection.contestants().isEmpty()) {
      EndToEnd.Outcome outcome = new EndToEnd(plan, System.err).run();
      table.addAll(outcome.lines());
      figures.putAll(outcome.ratios());
    }
    try {
      if (selection.hasFairShare()) {
        FairShare.Outcome outcome = new FairShare(shareTime, System.err).run();
        table.addAll(outcome.lines());
        figures.putAll(outcome.ratios());
      }
      if (selection.hasDurable()) {
        Durable.Plan jobs =
            quick
                ? Durable.Plan.quick(rounds, measured, warming)
                : Durable.Plan.whole(rounds, measured, warming);
        Durable.Outcome outcome = new Durable(jobs, System.err).run();
        tables.add(outcome.table());
        figures.putAll(outcome.figures());
      }
    } finally {
      // What was measured in many minutes is not lost for what comes after it.
      if (!table.isEmpty()) {
        tables.add(0, Line.table(table));
      }
      tables.forEach(
          printed -> {
            out.println(printed);
            out.println();
          });
      figures.forEach((name, value) -> out.println(name + ": " + number(value)));
    }
    return 0;
  }

  private Selection selection() {
    try {
      return Selection.of(only);
    } catch (IllegalArgumentException e) {
      throw wrong("--only: " + e.getMessage());
    }
  }

  private int rounds() {
    int number = rounds != null ? rounds : quick ? 1 : 5;
    if (number < 1) {
      throw wrong("--rounds is %d: want 1 or more".formatted(number));
    }
    return number;
  }

  private Duration duration(String option, @Nullable Double given, double standard) {
    double value = given == null ? standard : given;
    if (!(value >= 0.1 && value <= 3600)) {
      throw wrong("%s is %s: want 0.1 to 3600 seconds".formatted(option, value));
    }
    return Duration.ofMillis((long) (value * 1000));
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private static String[] footer() {
    List<String> footer = new ArrayList<>(lines(figures()));
    footer.add(
        "Figures compare calls a second, higher is better; those of p50 and p99 compare times,");
    footer.add("lower is better. _c1 and _c2 have 1 and 2 connections on both sides; 'the better");
    footer.add("one of both' is the higher one of these.");
    return footer.toArray(String[]::new);
  }

  private static ImmutableMap<String, String> figures() {
    return ImmutableMap.<String, String>builder()
        .putAll(EndToEnd.ratioNames())
        .putAll(FairShare.ratioNames())
        .putAll(Durable.figureNames())
        .buildOrThrow();
  }

  private static List<String> lines(Map<String, String> meanings) {
    int width = meanings.keySet().stream().mapToInt(String::length).max().orElse(0);
    return meanings.entrySet().stream()
        .map(entry -> ("  %-" + width + "s  %s").formatted(entry.getKey(), entry.getValue()))
        .toList();
  }

  private static String number(double value) {
    return value >= 100
        ? String.format(Locale.ROOT, "%.0f", value)
        : String.format(Locale.ROOT, "%.3f", value);
  }
}
