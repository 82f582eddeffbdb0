package io.clutch.cli;

import io.clutch.client.ClutchClient;
import io.clutch.client.JobStatus;
import picocli.CommandLine.Command;

/** Has jobs run again. */
@Command(
    name = "retry",
    description = {
      "Has durable background calls run again that are dead, cancelled or expired, with all their",
      "attempts; those that wait for their time, now. Prints how they are then."
    },
    mixinStandardHelpOptions = true)
final class RetryCommand extends ChangeJobsCommand {

  @Override
  JobStatus change(ClutchClient client, String jobId) {
    return client.retryJob(jobId);
  }
}
