package io.clutch.cli;

import io.clutch.client.ClutchClient;
import io.clutch.client.JobState;
import io.clutch.client.JobStatus;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.v1.Payload;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows one job. */
@Command(
    name = "job",
    description = {
      "Shows a durable background call: its state, its attempts and why they failed.",
      "With --watch it exits with 1 where the job ended otherwise than done."
    },
    mixinStandardHelpOptions = true)
final class JobCommand implements Callable<Integer> {

  @Mixin private ClientOptions options;

  @Option(names = "--watch", description = "Print a line for each change, until it has ended.")
  private boolean watch;

  @Option(
      names = "--result",
      description =
          "Print its result, as 'clutch call' does; with --watch when it has ended. It must have"
              + " been called with --keep-result.")
  private boolean result;

  @Option(names = "--text", description = "With --result: print a text result bare.")
  private boolean text;

  @Option(names = "--json", description = "One line of JSON.")
  private boolean json;

  @Parameters(index = "0", paramLabel = "ID", description = "The job's id.")
  private String jobId;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (text && !result) {
      throw new ParameterException(spec.commandLine(), "--text goes with --result");
    }
    return JobQuestion.with(options, spec, this::show);
  }

  private int show(ClutchClient client) {
    PrintWriter out = spec.commandLine().getOut();
    JobState end = watch ? watched(client) : JobState.DONE;
    if (end != JobState.DONE) {
      return ExitCode.FAILED;
    }
    if (result) {
      Payload payload = client.jobResult(jobId, Payload.class);
      Payload present = payload == null ? Payload.getDefaultInstance() : payload;
      out.println(text ? Text.bare(present) : Text.json(present));
    } else if (!watch) {
      JobStatus status = client.jobStatus(jobId);
      out.print(json ? JobJson.of(status) + System.lineSeparator() : JobText.whole(status));
    }
    out.flush();
    return ExitCode.OK;
  }

  private JobState watched(ClutchClient client) {
    // Standard output is for the result, where that is wanted.
    PrintWriter lines = result ? spec.commandLine().getErr() : spec.commandLine().getOut();
    try {
      return client
          .watchJob(
              jobId,
              status -> {
                lines.println(json ? JobJson.of(status) : JobText.change(status));
                lines.flush();
              })
          .join()
          .state();
    } catch (CompletionException e) {
      if (e.getCause() instanceof ClutchException failure) {
        throw failure;
      }
      throw ClutchException.builder(
              Reason.INTERNAL, Started.UNKNOWN, "the watch failed: " + e.getCause())
          .cause(e)
          .build();
    }
  }
}
