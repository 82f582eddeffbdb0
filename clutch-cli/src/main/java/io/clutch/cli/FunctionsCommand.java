package io.clutch.cli;

import com.google.common.base.Strings;
import io.clutch.client.ClutchClient;
import io.clutch.protocol.ClutchException;
import io.clutch.v1.DescribeResponse;
import io.clutch.v1.FunctionDescription;
import io.clutch.v1.ValueDescription;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lists what the workers serve. */
@Command(
    name = "functions",
    description = "Lists the functions of each server.",
    mixinStandardHelpOptions = true)
final class FunctionsCommand implements Callable<Integer> {

  @Mixin private ClientOptions options;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    int exitCode = ExitCode.OK;
    for (String server : options.servers()) {
      try (ClutchClient client = options.clientOfAnyProcess(List.of(server))) {
        print(server, client.describe());
      } catch (ClutchException e) {
        spec.commandLine().getErr().println(Text.of(e));
        exitCode = ExitCode.of(e);
      }
    }
    return exitCode;
  }

  private void print(String server, DescribeResponse worker) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%s: pid %d, clutch %s, concurrency %d, queue %d%n",
        server,
        worker.getProcessId(),
        worker.getVersion(),
        worker.getLimits().getConcurrency(),
        worker.getLimits().getQueueCapacity());
    int nameWidth = width(worker, FunctionDescription::getName);
    int signatureWidth = width(worker, FunctionsCommand::signature);
    for (FunctionDescription function : worker.getFunctionsList()) {
      String line =
          "  %s  %s  %s"
              .formatted(
                  Strings.padEnd(function.getName(), nameWidth, ' '),
                  Strings.padEnd(signature(function), signatureWidth, ' '),
                  function.getDescription());
      out.println(line.stripTrailing());
    }
  }

  private static int width(
      DescribeResponse worker, java.util.function.Function<FunctionDescription, String> column) {
    return worker.getFunctionsList().stream().map(column).mapToInt(String::length).max().orElse(0);
  }

  private static String signature(FunctionDescription function) {
    return "(%s) -> %s"
        .formatted(value(function.getArgument(), ""), value(function.getResult(), "nothing"));
  }

  private static String value(ValueDescription value, String none) {
    String type = value.getType().replaceAll("(\\w+[.$])+", "");
    return switch (value.getKind()) {
      case NONE -> none;
      case BYTES -> "bytes";
      case JSON, MESSAGE -> type;
      case KIND_UNSPECIFIED, UNRECOGNIZED -> type.isEmpty() ? "any" : type;
    };
  }
}
