package io.clutch.cli;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.ClutchVersion;
import io.clutch.protocol.Durations;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** The {@code clutch} command. */
@Command(
    name = "clutch",
    description = "Brokerless function calls between processes.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      WorkerCommand.class,
      SuperviseCommand.class,
      CallCommand.class,
      MultiCommand.class,
      FunctionsCommand.class,
      JobsCommand.class,
      JobCommand.class,
      CancelCommand.class,
      RetryCommand.class,
      StatusCommand.class,
      WatchCommand.class,
      RestartCommand.class,
      ScaleCommand.class,
      StopCommand.class,
      BenchCommand.class,
      AutoComplete.GenerateCompletion.class,
      CommandLine.HelpCommand.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:fine",
      "1:the function or the operation failed",
      "2:wrong usage",
      "3:no worker could be reached, or time ran out"
    },
    footer = {
      "",
      "Try 'clutch demo' first, and 'clutch COMMAND --help' for each command.",
      "For completion in bash: source <(clutch generate-completion)"
    })
public final class Main implements Runnable {

  @Spec private CommandSpec spec;

  Main() {}

  /** Runs the command and ends the process with its exit code. */
  public static void main(String[] args) {
    // Values are UTF-8 whatever the locale says; this is a pipe's end more often than a terminal.
    System.setOut(utf8(FileDescriptor.out));
    System.setErr(utf8(FileDescriptor.err));
    if (args.length > 0 && args[0].equals("supervise")) {
      // Before anything logs: logback.xml looks at it.
      System.setProperty("clutch.log.appender", "STDERR-ASYNC");
    }
    // gRPC logs through java.util.logging.
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
    System.exit(
        commandLine(
                new PrintWriter(System.out, true, StandardCharsets.UTF_8),
                new PrintWriter(System.err, true, StandardCharsets.UTF_8))
            .execute(args));
  }

  static CommandLine commandLine(PrintWriter out, PrintWriter err) {
    CommandLine commandLine = new CommandLine(new Main());
    commandLine
        .registerConverter(Duration.class, Main::duration)
        .setOut(out)
        .setErr(err)
        .setExecutionExceptionHandler(Main::onException);
    return commandLine;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }

  private static int onException(Exception thrown, CommandLine command, ParseResult parsed) {
    PrintWriter err = command.getErr();
    if (thrown instanceof ClutchException failure) {
      err.println(Text.of(failure));
      return ExitCode.of(failure);
    }
    if (thrown instanceof CharacterCodingException) {
      err.println("clutch: standard input is not UTF-8");
      return ExitCode.USAGE;
    }
    err.println("clutch: " + (thrown.getMessage() == null ? thrown : thrown.getMessage()));
    return ExitCode.FAILED;
  }

  private static Duration duration(String text) {
    try {
      Duration duration = Durations.parse(text);
      if (!duration.isZero() && duration.compareTo(Durations.LONGEST) <= 0) {
        return duration;
      }
    } catch (IllegalArgumentException e) {
      throw new CommandLine.TypeConversionException(e.getMessage());
    }
    throw new CommandLine.TypeConversionException(
        "'" + text + "' is not more than 0 and at most 100 years");
  }

  private static PrintStream utf8(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
  }

  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"clutch " + ClutchVersion.get()};
    }
  }
}
