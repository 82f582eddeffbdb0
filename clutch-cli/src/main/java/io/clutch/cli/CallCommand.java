package io.clutch.cli;

import io.clutch.client.ClutchClient;
import io.clutch.client.JobOptions;
import io.clutch.client.Request;
import io.clutch.protocol.ClutchException;
import io.clutch.v1.Payload;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Calls one function. */
@Command(
    name = "call",
    description = "Calls a function and prints its result.",
    mixinStandardHelpOptions = true)
final class CallCommand implements Callable<Integer> {

  @Mixin private ClientOptions options;
  @Mixin private RequestOptions call;
  @Mixin private DurableOptions job;

  @Option(
      names = "--background",
      description =
          "Only wait until a worker has accepted the call; prints the id under which it logs it.")
  private boolean background;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Optional<JobOptions> durable = job.options(background);
    Request<Payload> given = call.request();
    Request<Payload> request = durable.map(given::durable).orElse(given);
    boolean watched = !background && Terminal.isBehind(Terminal.ERR);
    // Progress comes over call streams only.
    try (ClutchClient client = options.client()) {
      String output;
      if (background) {
        String id = client.requestBackground(request);
        output = job.isJson() ? JobJson.accepted(id) : id;
      } else {
        Payload result = watched ? watched(request, client) : client.request(request);
        Payload present = result == null ? Payload.getDefaultInstance() : result;
        output = call.isText() ? Text.bare(present) : Text.json(present);
      }
      spec.commandLine().getOut().println(output);
      return ExitCode.OK;
    } catch (ClutchException e) {
      if (durable.isEmpty()) {
        throw e;
      }
      spec.commandLine().getErr().println(Text.ofDurable(e));
      return ExitCode.of(e);
    }
  }

  /** With a bar for the progress that the function tells of. */
  private @Nullable Payload watched(Request<Payload> request, ClutchClient client) {
    ProgressBar bar = new ProgressBar(spec.commandLine().getErr());
    try {
      return client.request(request.onProgress(bar::show));
    } finally {
      bar.clear();
    }
  }
}
