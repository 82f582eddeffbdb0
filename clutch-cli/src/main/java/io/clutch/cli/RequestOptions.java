package io.clutch.cli;

import io.clutch.client.Request;
import io.clutch.protocol.ConversionException;
import io.clutch.v1.Payload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What every command needs that calls one function: its name and its argument. */
final class RequestOptions {

  @Option(
      names = "--text",
      description = "The argument is text instead of JSON, and a text result is printed bare.")
  private boolean text;

  @Option(
      names = "--idempotent",
      description =
          "The function may run twice: the call is sent again when the process that had it is lost.")
  private boolean idempotent;

  @Parameters(index = "0", paramLabel = "FUNCTION", description = "The function's name.")
  private String function;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "ARGS",
      description =
          "Its argument as JSON (as text with --text); - reads it from standard input. Default: none.")
  private @Nullable String argument;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  boolean isText() {
    return text;
  }

  Request<Payload> request() throws IOException {
    try {
      Request<Payload> request = Request.of(function, payload(), Payload.class);
      return idempotent ? request.idempotent() : request;
    } catch (ConversionException e) {
      throw new ParameterException(
          command.commandLine(),
          "the argument is not JSON (use --text for text): " + e.getMessage(),
          e);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private Payload payload() throws IOException {
    String given = argument;
    if (given == null) {
      return Payload.getDefaultInstance();
    }
    return Text.payload(given.equals("-") ? standardInput() : given, text);
  }

  private static String standardInput() throws IOException {
    return StandardCharsets.UTF_8
        .newDecoder()
        .decode(ByteBuffer.wrap(System.in.readAllBytes()))
        .toString();
  }
}
