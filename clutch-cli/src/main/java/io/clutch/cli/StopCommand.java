package io.clutch.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Ends a pool. */
@Command(
    name = "stop",
    description = "Has all processes of a pool finish their calls, and ends the supervisor.",
    mixinStandardHelpOptions = true)
final class StopCommand implements Callable<Integer> {

  @Mixin private ControlOptions control;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    return control.with(
        pool -> pool.stop(event -> spec.commandLine().getErr().println(PoolText.line(event))));
  }
}
