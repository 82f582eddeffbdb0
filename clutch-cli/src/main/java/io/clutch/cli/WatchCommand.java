package io.clutch.cli;

import io.clutch.v1.WatchResponse;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows a pool all the time. */
@Command(
    name = "watch",
    description = {
      "Shows a supervised pool until it ends or you stop it.",
      "On a terminal the table is drawn anew every second; elsewhere events are printed as they come."
    },
    mixinStandardHelpOptions = true)
final class WatchCommand implements Callable<Integer> {

  private static final String HOME_AND_CLEAR = "\u001b[H\u001b[2J";

  @Mixin private ControlOptions control;

  @Option(names = "--json", description = "One line of JSON for each event.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    boolean draws = !json && Terminal.isBehind(Terminal.OUT);
    return control.with(pool -> pool.watchWhile(draws ? this::draw : this::print));
  }

  private boolean draw(WatchResponse now) {
    PrintWriter out = spec.commandLine().getOut();
    out.print(HOME_AND_CLEAR + PoolText.table(now.getPool()) + PoolText.troubles(now.getPool()));
    return !out.checkError();
  }

  private boolean print(WatchResponse now) {
    PrintWriter out = spec.commandLine().getOut();
    now.getEventsList().stream().map(json ? PoolJson::of : PoolText::line).forEach(out::println);
    // Whoever reads it may have gone.
    return !out.checkError();
  }
}
