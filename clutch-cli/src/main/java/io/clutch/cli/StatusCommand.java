package io.clutch.cli;

import io.clutch.v1.PoolStatus;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows how a pool is. */
@Command(
    name = "status",
    description = "Shows how a supervised pool is, and what went wrong of late.",
    mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {

  @Mixin private ControlOptions control;

  @Option(
      names = "--json",
      description = "One line of JSON, with thread dumps and last lines of what died.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    return control.with(
        pool -> {
          PoolStatus status = pool.status();
          if (json) {
            out.println(PoolJson.of(status));
          } else {
            out.print(PoolText.table(status) + PoolText.troubles(status));
          }
          out.flush();
        });
  }
}
