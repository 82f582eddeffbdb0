package io.clutch.cli;

import io.clutch.client.JobOptions;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How a background call is kept, where it is durable. */
final class DurableOptions {

  @Option(
      names = "--durable",
      description =
          "With --background: the call is a job, accepted once it is on disk, and runs at least once"
              + " though processes die. Prints the job's id. Needs workers with a --store.")
  private boolean durable;

  @Option(
      names = "--job-id",
      paramLabel = "ID",
      description = "An id of your own: a second call with the same id is not a second job.")
  private @Nullable String jobId;

  @Option(
      names = "--unique-key",
      paramLabel = "KEY",
      description =
          "As long as a job of this key has not ended there is no second one: prints the id of the"
              + " first.")
  private @Nullable String uniqueKey;

  @Option(
      names = "--delay",
      paramLabel = "TIME",
      description = "Start it so long after it was accepted, such as 10s or 5m.")
  private @Nullable String delay;

  @Option(
      names = "--at",
      paramLabel = "WHEN",
      description = "Start it then, such as 2026-12-01T03:00:00Z.")
  private @Nullable String at;

  @Option(
      names = "--priority",
      paramLabel = "high|normal|low",
      description = "Which jobs come first. Default: normal.")
  private @Nullable String priority;

  @Option(
      names = "--max-attempts",
      paramLabel = "N",
      description = "How often it may be started. Default: 5.")
  private @Nullable Integer maxAttempts;

  @Option(
      names = "--backoff",
      paramLabel = "TIME",
      description =
          "The pause after the first attempt; each further one is twice as long, up to 1h."
              + " Default: 1s.")
  private @Nullable String backoff;

  @Option(
      names = "--expires",
      paramLabel = "TIME",
      description = "Give it up where it has not started so long after it was accepted.")
  private @Nullable String expires;

  @Option(
      names = "--keep-result",
      paramLabel = "TIME",
      description = "How long to keep its result, for 'clutch job --result'. Default: not at all.")
  private @Nullable String keepResult;

  @Option(names = "--json", description = "With --durable: print the id as {\"jobId\": ID}.")
  private boolean json;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  boolean isJson() {
    return json;
  }

  /** The options of a durable call; empty where it is not one. */
  Optional<JobOptions> options(boolean background) {
    JobSettings settings =
        new JobSettings(
            jobId, uniqueKey, delay, at, priority, maxAttempts, backoff, expires, keepResult);
    if (!durable) {
      if (settings.isAny() || json) {
        throw usage(
            "--job-id, --unique-key, --delay, --at, --priority, --max-attempts, --backoff,"
                + " --expires, --keep-result and --json go with --durable",
            null);
      }
      return Optional.empty();
    }
    if (!background) {
      throw usage("--durable goes with --background", null);
    }
    try {
      return Optional.of(settings.options());
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()), e);
    }
  }

  private ParameterException usage(String message, @Nullable Exception cause) {
    return new ParameterException(command.commandLine(), message, cause);
  }
}
