package io.clutch.cli;

import io.clutch.client.ClutchClient;
import io.clutch.client.Request;
import io.clutch.protocol.ConversionException;
import io.clutch.protocol.PayloadCodec;
import io.clutch.v1.Payload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Calls one function. */
@Command(
    name = "call",
    description = "Calls a function and prints its result.",
    mixinStandardHelpOptions = true)
final class CallCommand implements Callable<Integer> {

  @Mixin private ClientOptions options;

  @Option(
      names = "--background",
      description =
          "Only wait until a worker has accepted the call; prints the id under which it logs it.")
  private boolean background;

  @Option(
      names = "--text",
      description = "The argument is text instead of JSON, and a text result is printed bare.")
  private boolean text;

  @Parameters(index = "0", paramLabel = "FUNCTION", description = "The function's name.")
  private String function;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "ARGS",
      description =
          "Its argument as JSON (as text with --text); - reads it from standard input. Default: none.")
  private @Nullable String argument;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Request<Payload> request;
    try {
      request = Request.of(function, payload(), Payload.class);
    } catch (ConversionException e) {
      throw new ParameterException(
          spec.commandLine(),
          "the argument is not JSON (use --text for text): " + e.getMessage(),
          e);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    try (ClutchClient client = options.client()) {
      String output;
      if (background) {
        output = client.requestBackground(request);
      } else {
        Payload result = client.request(request);
        Payload present = result == null ? Payload.getDefaultInstance() : result;
        output = text ? Text.bare(present) : Text.json(present);
      }
      spec.commandLine().getOut().println(output);
      return ExitCode.OK;
    }
  }

  private Payload payload() throws IOException {
    String given = argument;
    if (given == null) {
      return Payload.getDefaultInstance();
    }
    if (given.equals("-")) {
      given = standardInput();
    }
    return text ? PayloadCodec.standard().encode(given) : Text.json(given);
  }

  private static String standardInput() throws IOException {
    return StandardCharsets.UTF_8
        .newDecoder()
        .decode(ByteBuffer.wrap(System.in.readAllBytes()))
        .toString();
  }
}
