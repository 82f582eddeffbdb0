package io.clutch.cli;

import com.google.common.base.Ascii;
import com.google.common.base.Enums;
import io.clutch.client.ClutchClient;
import io.clutch.client.JobFilter;
import io.clutch.client.JobState;
import io.clutch.client.JobStatus;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Lists the jobs of a store. */
@Command(
    name = "jobs",
    description = "Lists durable background calls, the latest first.",
    mixinStandardHelpOptions = true)
final class JobsCommand implements Callable<Integer> {

  private static final int DEFAULT_LIMIT = 100;

  @Mixin private ClientOptions options;

  @Option(
      names = "--state",
      paramLabel = "STATE",
      split = ",",
      description =
          "Only those that are scheduled, pending, running, done, dead, cancelled or expired;"
              + " several separated by commas.")
  private List<String> states = new ArrayList<>();

  @Option(
      names = "--function",
      paramLabel = "FUNCTION",
      description = "Only those of this function.")
  private @Nullable String function;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "At most so many. Default: " + DEFAULT_LIMIT + ".")
  private @Nullable Integer limit;

  @Option(names = "--count", description = "Only count those in each state.")
  private boolean count;

  @Option(names = "--json", description = "One line of JSON for each.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    JobFilter filter = filter();
    return JobQuestion.with(
        options,
        spec,
        client -> {
          if (count) {
            var counts = client.jobCounts();
            out.print(json ? JobJson.of(counts) + System.lineSeparator() : JobText.counts(counts));
          } else {
            print(out, client, filter);
          }
          out.flush();
          return ExitCode.OK;
        });
  }

  private void print(PrintWriter out, ClutchClient client, JobFilter filter) {
    List<JobStatus> jobs = client.jobs(filter);
    if (json) {
      jobs.stream().map(JobJson::of).forEach(out::println);
    } else {
      out.print(JobText.table(jobs));
    }
  }

  private JobFilter filter() {
    if (count && (!states.isEmpty() || function != null || limit != null)) {
      throw usage("--count counts all: it goes without --state, --function and --limit", null);
    }
    try {
      JobFilter filter =
          JobFilter.ALL
              .withStates(states.stream().map(this::state).toArray(JobState[]::new))
              .withLimit(limit == null ? DEFAULT_LIMIT : limit);
      return function == null ? filter : filter.withFunction(function);
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()), e);
    }
  }

  private JobState state(String name) {
    JobState state =
        Enums.getIfPresent(JobState.class, Ascii.toUpperCase(name.strip())).or(JobState.UNKNOWN);
    if (state == JobState.UNKNOWN) {
      throw usage(
          "--state: '%s' is none: want scheduled, pending, running, done, dead, cancelled, expired"
              .formatted(name),
          null);
    }
    return state;
  }

  private ParameterException usage(String message, @Nullable Exception cause) {
    return new ParameterException(spec.commandLine(), message, cause);
  }
}
