package io.clutch.cli;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.clutch.client.ClutchClient;
import io.clutch.client.Request;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.ConversionException;
import io.clutch.protocol.PayloadCodec;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.v1.Payload;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Makes many calls, as they come in on standard input. */
@Command(
    name = "multi",
    description = {
      "Makes many calls in parallel, one for each line of standard input.",
      "Reads a line of JSON for each,",
      "  {\"function\": NAME, \"args\": VALUE, \"idempotent\": true|false}",
      "(without args where there are none; idempotent: sent again when its process is lost;",
      "with --durable also jobId, uniqueKey, delay, at, priority, maxAttempts, backoff, expires and",
      "keepResult, as the options of 'clutch call')",
      "and prints a line for each, in the same order,",
      "  {\"result\": VALUE} or {\"error\": {\"reason\": …, \"message\": …, \"started\": …}}",
      "where started is true, false, or null where it is not known. With --durable it is {\"jobId\": ID}",
      "in place of the result.",
      "Exits with 1 where any failed."
    },
    mixinStandardHelpOptions = true)
final class MultiCommand implements Callable<Integer> {

  @Mixin private ClientOptions options;

  @Option(
      names = "--background",
      description = "Only wait until the calls are accepted; the results are their ids.")
  private boolean background;

  @Option(
      names = "--durable",
      description = "With --background: each call is a job, accepted once it is on disk.")
  private boolean durable;

  @Option(
      names = "--outstanding",
      paramLabel = "N",
      defaultValue = "256",
      description = "How many calls are under way at a time. Default: ${DEFAULT-VALUE}.")
  private int outstanding;

  @Spec private CommandSpec spec;

  /** One line of input. */
  private record Line(
      @JsonProperty("function") @Nullable String function,
      @JsonProperty("args") @Nullable Object args,
      @JsonProperty("idempotent") @Nullable Boolean idempotent,
      @JsonProperty("jobId") @Nullable String jobId,
      @JsonProperty("uniqueKey") @Nullable String uniqueKey,
      @JsonProperty("delay") @Nullable String delay,
      @JsonProperty("at") @Nullable String at,
      @JsonProperty("priority") @Nullable String priority,
      @JsonProperty("maxAttempts") @Nullable Integer maxAttempts,
      @JsonProperty("backoff") @Nullable String backoff,
      @JsonProperty("expires") @Nullable String expires,
      @JsonProperty("keepResult") @Nullable String keepResult) {

    JobSettings job() {
      return new JobSettings(
          jobId, uniqueKey, delay, at, priority, maxAttempts, backoff, expires, keepResult);
    }
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (outstanding < 1) {
      throw new ParameterException(
          spec.commandLine(), "--outstanding: '" + outstanding + "' is below 1");
    }
    if (durable && !background) {
      throw new ParameterException(spec.commandLine(), "--durable goes with --background");
    }
    OrderedOutput output = new OrderedOutput(outstanding, spec.commandLine().getOut());
    Semaphore free = new Semaphore(outstanding);
    try (ClutchClient client = options.client();
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(System.in, StandardCharsets.UTF_8.newDecoder()))) {
      output.start();
      try {
        int number = 0;
        for (String line = in.readLine(); line != null; line = in.readLine()) {
          number++;
          if (!line.isBlank()) {
            free.acquire();
            output.add(
                outcome(client, line, number).whenComplete((outcome, failure) -> free.release()));
          }
        }
      } catch (IOException e) {
        // The calls that were made have their outcomes all the same.
        boolean unused = output.finish();
        throw e;
      }
      return output.finish() ? ExitCode.OK : ExitCode.FAILED;
    }
  }

  /** The line of output that the line of input leads to, and whether it is a success. */
  private CompletableFuture<OrderedOutput.Line> outcome(
      ClutchClient client, String line, int number) {
    CompletableFuture<String> outcome;
    try {
      outcome = made(client, request(line, number));
    } catch (ClutchException e) {
      outcome = CompletableFuture.failedFuture(e);
    }
    return outcome.handle(
        (json, failure) ->
            failure == null
                ? new OrderedOutput.Line(json, true)
                : new OrderedOutput.Line(Text.json(failure(failure)), false));
  }

  private CompletableFuture<String> made(ClutchClient client, Request<Payload> request) {
    if (durable) {
      return client.requestBackgroundAsync(request).thenApply(MultiCommand::accepted);
    }
    CompletableFuture<String> result =
        background
            ? client.requestBackgroundAsync(request).thenApply(MultiCommand::quoted)
            : client
                .requestAsync(request)
                .thenApply(
                    payload -> Text.json(payload == null ? Payload.getDefaultInstance() : payload));
    return result.thenApply(json -> "{\"result\":" + json + "}");
  }

  private Request<Payload> request(String line, int number) {
    try {
      PayloadCodec codec = PayloadCodec.standard();
      Object decoded = codec.decode(Text.json(line), Line.class);
      if (decoded instanceof Line call && call.function() != null && !call.function().isEmpty()) {
        Request<Payload> request =
            Request.of(call.function(), codec.encode(call.args()), Payload.class);
        return kept(
            Boolean.TRUE.equals(call.idempotent()) ? request.idempotent() : request, call.job());
      }
      throw new ConversionException("want {\"function\": NAME, \"args\": VALUE}");
    } catch (ConversionException | IllegalArgumentException e) {
      throw ClutchException.builder(
              Reason.BAD_ARGUMENTS, Started.NO, "line %d: %s".formatted(number, e.getMessage()))
          .cause(e)
          .build();
    }
  }

  private Request<Payload> kept(Request<Payload> request, JobSettings job) {
    if (durable) {
      return request.durable(job.options());
    }
    if (job.isAny()) {
      throw new IllegalArgumentException("it says how to keep a job: want --durable, too");
    }
    return request;
  }

  private static String accepted(@Nullable String jobId) {
    return JobJson.accepted(String.valueOf(jobId));
  }

  private static String quoted(@Nullable String id) {
    return PayloadCodec.standard().encode(id).getJson();
  }

  private static ClutchException failure(Throwable thrown) {
    Throwable cause = thrown instanceof CompletionException ? thrown.getCause() : thrown;
    if (cause instanceof ClutchException failure) {
      return failure;
    }
    Reason reason = cause instanceof CancellationException ? Reason.CANCELLED : Reason.INTERNAL;
    return ClutchException.builder(reason, Started.UNKNOWN, String.valueOf(cause)).build();
  }
}
