package io.clutch.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Changes the number of processes of a pool. */
@Command(
    name = "scale",
    description = "Sets the number of processes of a pool, and waits until it has them.",
    mixinStandardHelpOptions = true)
final class ScaleCommand implements Callable<Integer> {

  @Mixin private ControlOptions control;

  @Parameters(index = "0", paramLabel = "N", description = "How many; 1 or more.")
  private int size;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (size < 1) {
      throw new ParameterException(
          spec.commandLine(), "the number of processes is %d: want 1 or more".formatted(size));
    }
    return control.with(
        pool ->
            pool.scale(size, event -> spec.commandLine().getErr().println(PoolText.line(event))));
  }
}
