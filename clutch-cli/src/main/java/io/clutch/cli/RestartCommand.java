package io.clutch.cli;

import io.clutch.v1.PoolEvent.Kind;
import io.clutch.v1.RestartResponse;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Replaces all processes of a pool. */
@Command(
    name = "restart",
    description = {
      "Replaces all processes of a pool, one after another, without losing a call.",
      "Where a new process does not become ready, the old ones stay, and this fails."
    },
    mixinStandardHelpOptions = true)
final class RestartCommand implements Callable<Integer> {

  @Mixin private ControlOptions control;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    return control.with(pool -> pool.restart(this::show));
  }

  private void show(RestartResponse progress) {
    if (progress.getEvent().getKind() == Kind.RESTART_FAILED) {
      // Said once more as this command's own failure.
      return;
    }
    PrintWriter err = spec.commandLine().getErr();
    err.printf(
        "[%d/%d] %s%n",
        progress.getDone(), progress.getTotal(), PoolText.line(progress.getEvent()));
  }
}
