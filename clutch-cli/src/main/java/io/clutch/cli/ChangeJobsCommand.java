package io.clutch.cli;

import io.clutch.client.ClutchClient;
import io.clutch.client.JobStatus;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A command that does something to jobs, one by one, and prints how they are then. */
abstract class ChangeJobsCommand implements Callable<Integer> {

  @Mixin private ClientOptions options;

  @Option(names = "--json", description = "One line of JSON for each, as it is then.")
  private boolean json;

  @Parameters(arity = "1..*", paramLabel = "ID", description = "The jobs' ids.")
  private List<String> jobIds;

  @Spec private CommandSpec spec;

  /** Does it; gives how the job is then. */
  abstract JobStatus change(ClutchClient client, String jobId);

  @Override
  public final Integer call() {
    return JobQuestion.forEach(
        options,
        spec,
        jobIds,
        (client, jobId) -> {
          JobStatus status = change(client, jobId);
          spec.commandLine().getOut().println(json ? JobJson.of(status) : JobText.line(status));
        });
  }
}
