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

/** Has jobs run again. */
@Command(
    name = "retry",
    description = {
      "Has durable background calls run again that are dead, cancelled or expired, with all their",
      "attempts; those that wait for their time, now. Prints how they are then."
    },
    mixinStandardHelpOptions = true)
final class RetryCommand implements Callable<Integer> {

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
          JobStatus status = client.retryJob(jobId);
          spec.commandLine().getOut().println(json ? JobJson.of(status) : JobText.line(status));
        });
  }
}
