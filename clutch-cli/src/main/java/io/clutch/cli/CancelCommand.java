package io.clutch.cli;

import io.clutch.client.ClutchClient;
import io.clutch.client.JobStatus;
import picocli.CommandLine.Command;

/** Cancels jobs. */
@Command(
    name = "cancel",
    description = {
      "Cancels durable background calls, and prints how they are then.",
      "One that runs is interrupted, and stays running until its function has ended."
    },
    mixinStandardHelpOptions = true)
final class CancelCommand extends ChangeJobsCommand {

  @Override
  JobStatus change(ClutchClient client, String jobId) {
    return client.cancelJob(jobId);
  }
}
