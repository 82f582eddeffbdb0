package io.clutch.cli;

import io.clutch.supervisor.PoolControl;
import io.clutch.supervisor.PoolException;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of every command that controls a supervisor. */
final class ControlOptions {

  @Option(
      names = "--control",
      paramLabel = "PATH",
      defaultValue = "${env:CLUTCH_CONTROL}",
      description =
          "The supervisor's control socket. Default: CLUTCH_CONTROL, else where a supervisor has it"
              + " unless it was told otherwise.")
  private @Nullable Path path;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  /** What is done with a supervisor. */
  interface Operation {
    void on(PoolControl control) throws IOException;
  }

  /** Does it; the exit code. */
  int with(Operation operation) {
    try (PoolControl control = PoolControl.connect(path)) {
      operation.on(control);
      return ExitCode.OK;
    } catch (UnsupportedOperationException e) {
      return fail(ExitCode.USAGE, e);
    } catch (PoolException e) {
      return fail(ExitCode.FAILED, e);
    } catch (IOException e) {
      return fail(ExitCode.UNREACHABLE, e);
    }
  }

  private int fail(int exitCode, Exception e) {
    command.commandLine().getErr().println("clutch: " + e.getMessage());
    return exitCode;
  }
}
