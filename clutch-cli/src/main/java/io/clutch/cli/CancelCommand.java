package io.clutch.cli;

import io.clutch.client.JobStatus;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Cancels jobs. */
@Command(
    name = "cancel",
    description = {
      "Cancels durable background calls, and prints how they are then.",
      "One that runs is interrupted, and stays running until its function has ended."
    },
    mixinStandardHelpOptions = true)
final class CancelCommand implements Callable<Integer> {

  @Mixin private ClientOptions options;

  @Option(names = "--json", description = "One line of JSON for each, as it is then.")
  private boolean json;

  @Parameters(arity = "1..*", paramLabel = "ID", description = "The jobs' ids.")
  private List<String> jobIds;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    return JobQuestion.forEach(
        options,
        spec,
        jobIds,
        (client, jobId) -> {
          JobStatus status = client.cancelJob(jobId);
          spec.commandLine().getOut().println(json ? JobJson.of(status) : JobText.line(status));
        });
  }
}
