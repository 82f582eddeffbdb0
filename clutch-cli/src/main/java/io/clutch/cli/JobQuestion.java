package io.clutch.cli;

import io.clutch.client.ClutchClient;
import io.clutch.protocol.ClutchException;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** What commands that ask about jobs have in common. */
final class JobQuestion {

  /** Asks, and gives the exit code. */
  interface Task {
    int ask(ClutchClient client);
  }

  /** Asks about one job. */
  interface JobTask {
    void ask(ClutchClient client, String jobId);
  }

  private JobQuestion() {}

  /** Any process of the servers answers for the whole store. */
  static int with(ClientOptions options, CommandSpec spec, Task task) {
    try (ClutchClient client = options.clientOfAnyProcess(options.servers())) {
      return task.ask(client);
    } catch (ClutchException e) {
      return failed(spec, e);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  /** One after another; a failure of one does not keep the others from being done. */
  static int forEach(ClientOptions options, CommandSpec spec, List<String> jobIds, JobTask task) {
    return with(
        options,
        spec,
        client -> {
          int exitCode = ExitCode.OK;
          for (String jobId : jobIds) {
            try {
              task.ask(client, jobId);
            } catch (ClutchException e) {
              exitCode = failed(spec, e);
            }
          }
          return exitCode;
        });
  }

  private static int failed(CommandSpec spec, ClutchException failure) {
    // Whether a function was started is not what was asked.
    spec.commandLine().getErr().println(Text.withoutStart(failure));
    return ExitCode.of(failure);
  }
}
