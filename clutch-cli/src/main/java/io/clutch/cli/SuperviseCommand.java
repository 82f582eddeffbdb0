package io.clutch.cli;

import io.clutch.protocol.Durations;
import io.clutch.supervisor.MemorySize;
import io.clutch.supervisor.Supervisor;
import io.clutch.supervisor.SupervisorBuilder;
import io.clutch.supervisor.SupervisorPlatform;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Keeps a pool of worker processes behind one port. */
@Command(
    name = "supervise",
    description = {
      "Keeps a pool of processes of one program behind one port.",
      "The program builds a Worker and calls its run(): give it by --main, or as a command after --.",
      "Every option can be set in the environment too, --max-workers as CLUTCH_MAX_WORKERS."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Signals: TERM and INT drain all and exit; HUP replaces all, one after another; USR1 drains",
      "one every spawn interval, then exits; TTIN and TTOU: one process more, one fewer."
    })
final class SuperviseCommand implements Callable<Integer> {

  @Option(
      names = "--address",
      paramLabel = "HOST:PORT",
      description =
          "Where to listen, several separated by commas. Default: sockets passed by systemd or"
              + " Server::Starter, else "
              + SupervisorBuilder.DEFAULT_ADDRESS
              + ".")
  private @Nullable String address;

  @Option(
      names = "--max-workers",
      paramLabel = "N",
      description = "How many processes serve. Default: the number of processors.")
  private @Nullable Integer maxWorkers;

  @Option(
      names = "--concurrency",
      paramLabel = "N",
      description =
          "How many calls run in one process at the same time. Default: what the program says,"
              + " else 1.")
  private @Nullable Integer concurrency;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      description =
          "The longest a function may run; 0 is no limit. Default: what the program says, else 10s.")
  private @Nullable String timeout;

  @Option(
      names = "--graceful-timeout",
      paramLabel = "TIME",
      description =
          "How long a process may take to finish its calls before they are given up. Default: what"
              + " the program says, else 30s.")
  private @Nullable String gracefulTimeout;

  @Option(
      names = "--kill-grace",
      paramLabel = "TIME",
      description =
          "How long a function may go on after its time before its process is killed. Default: 5s.")
  private @Nullable String killGrace;

  @Option(
      names = "--max-requests-per-child",
      paramLabel = "N",
      description =
          "Replace a process after so many calls; it never takes one more. Default: 0, never.")
  private @Nullable Long maxRequests;

  @Option(
      names = "--max-requests-jitter",
      paramLabel = "N",
      description = "Lower that limit by chance, by at most so many. Default: 0.")
  private @Nullable Long maxRequestsJitter;

  @Option(
      names = "--max-memory-per-child",
      paramLabel = "SIZE",
      description =
          "Replace a process whose resident memory is larger, such as 512m. Default: 0, never.")
  private @Nullable String maxMemory;

  @Option(
      names = "--max-lifetime-per-child",
      paramLabel = "TIME",
      description = "Replace a process that has served for so long. Default: 0, never.")
  private @Nullable String maxLifetime;

  @Option(
      names = "--spawn-interval",
      paramLabel = "TIME",
      description =
          "At least so long between two starts, and between two replacements. Default: 0s.")
  private @Nullable String spawnInterval;

  @Option(
      names = "--err-respawn-interval",
      paramLabel = "TIME",
      description =
          "How long to wait before a process that died is replaced; longer where it keeps dying."
              + " Default: 1s.")
  private @Nullable String errRespawnInterval;

  @Option(
      names = "--boot-timeout",
      paramLabel = "TIME",
      description = "How long a process may take to become ready. Default: 30s.")
  private @Nullable String bootTimeout;

  @Option(
      names = "--heartbeat-timeout",
      paramLabel = "TIME",
      description =
          "How long a process may give no sign of life before it is killed. Default: 30s.")
  private @Nullable String heartbeatTimeout;

  @Option(
      names = "--control",
      paramLabel = "PATH",
      description =
          "The control socket. Default: clutch/control.sock in XDG_RUNTIME_DIR, else"
              + " clutch-UID/control.sock in /tmp.")
  private @Nullable Path control;

  @Option(
      names = "--pid-file",
      paramLabel = "PATH",
      description = "A file for the supervisor's process id, locked while it lives.")
  private @Nullable Path pidFile;

  @Option(
      names = "--status-file",
      paramLabel = "PATH",
      description = "A file with a line GENERATION:PID for each process.")
  private @Nullable Path statusFile;

  @Option(
      names = "--raw-output",
      description = "Pass lines of output on as they are, without slot and process id in front.")
  private boolean rawOutput;

  @Mixin private SafetyOptions safety;
  @Mixin private StoreOptions store;

  @Option(
      names = "--main",
      paramLabel = "CLASS",
      description = "The class whose main method each process runs, in this Java.")
  private @Nullable String mainClass;

  @Option(
      names = "--classpath",
      paramLabel = "PATH",
      description = "Where that class is, beside Clutch's own jars, as for java -cp.")
  private @Nullable String classPath;

  @Parameters(
      arity = "0..*",
      paramLabel = "COMMAND",
      description = "The command of each process, after --; with --main, arguments of its main.")
  private List<String> arguments = new ArrayList<>();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Optional<String> problem = SupervisorPlatform.problem();
    if (problem.isPresent()) {
      throw usage(problem.get(), null);
    }
    List<String> command = command();
    try {
      SupervisorBuilder builder = Supervisor.builder().fromEnvironment().command(command);
      configure(builder);
      return builder.run();
    } catch (IllegalArgumentException e) {
      throw usage(String.valueOf(e.getMessage()), e);
    }
  }

  private void configure(SupervisorBuilder builder) throws IOException {
    set("--address", address, builder::address);
    set("--max-workers", maxWorkers, builder::maxWorkers);
    set("--concurrency", concurrency, builder::concurrency);
    time("--timeout", timeout, builder::timeout);
    time("--graceful-timeout", gracefulTimeout, builder::gracefulTimeout);
    time("--kill-grace", killGrace, builder::killGrace);
    set("--max-requests-per-child", maxRequests, builder::maxRequestsPerChild);
    set("--max-requests-jitter", maxRequestsJitter, builder::maxRequestsJitter);
    set(
        "--max-memory-per-child",
        maxMemory,
        text -> builder.maxMemoryPerChild(MemorySize.parse(text)));
    time("--max-lifetime-per-child", maxLifetime, builder::maxLifetimePerChild);
    time("--spawn-interval", spawnInterval, builder::spawnInterval);
    time("--err-respawn-interval", errRespawnInterval, builder::errRespawnInterval);
    time("--boot-timeout", bootTimeout, builder::bootTimeout);
    time("--heartbeat-timeout", heartbeatTimeout, builder::heartbeatTimeout);
    set("--control", control, builder::controlPath);
    set("--pid-file", pidFile, builder::pidFile);
    set("--status-file", statusFile, builder::statusFile);
    if (rawOutput) {
      builder.rawOutput(true);
    }
    safety.checked().forEach(builder::workerOption);
    store.checked().forEach(builder::workerOption);
  }

  private void time(String option, @Nullable String text, Consumer<Duration> setter) {
    set(option, text, given -> setter.accept(Durations.parse(given)));
  }

  private <T> void set(String option, @Nullable T value, Consumer<T> setter) {
    if (value == null) {
      return;
    }
    try {
      setter.accept(value);
    } catch (IllegalArgumentException e) {
      throw usage(option + ": " + e.getMessage(), e);
    }
  }

  private List<String> command() throws IOException {
    if (mainClass == null) {
      if (arguments.isEmpty()) {
        throw usage("want --main CLASS, or the command of a process after --", null);
      }
      if (classPath != null) {
        throw usage("--classpath goes with --main; a command has its own", null);
      }
      return arguments;
    }
    List<String> command = new ArrayList<>(List.of(OwnScript.path().toString(), "worker"));
    command.addAll(List.of("--main", mainClass));
    if (classPath != null) {
      command.addAll(List.of("--classpath", classPath));
    }
    command.add("--");
    command.addAll(arguments);
    return command;
  }

  private ParameterException usage(String message, @Nullable Throwable cause) {
    return new ParameterException(spec.commandLine(), message, cause);
  }
}
