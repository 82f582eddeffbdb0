package io.clutch.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.awaitility.Awaitility.await;

import com.google.common.base.Joiner;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import io.clutch.client.ClutchClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Processes of the {@code clutch} command, started as a user does. Those that still run when this
 * is closed are killed, and it is an error if what they have started does not end, too.
 */
final class ClutchProcesses implements AutoCloseable {

  static final Path ROOT =
      Path.of(System.getProperty("clutch.root", "..")).toAbsolutePath().normalize();
  static final Path SCRIPT = ROOT.resolve("clutch");

  /** The class path of {@link TestWorker}. */
  static final String TEST_CLASSES = Path.of("target", "test-classes").toAbsolutePath().toString();

  static final String DEMO_WORKER = "io.clutch.examples.DemoWorker";

  private static final Duration LIMIT = Duration.ofMinutes(3);
  private static final Pattern READY = Pattern.compile("worker ready on (\\S+):");

  /** JVMs that start quickly rather than run fast. */
  static final String QUICK_JVM = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";

  private static final String QUICK_START = QUICK_JVM + StartArchive.OPTIONS;

  private final List<Running> started = Collections.synchronizedList(new ArrayList<>());
  private final List<Path> folders = Collections.synchronizedList(new ArrayList<>());
  private final Map<String, String> environment = new HashMap<>();
  private final LeftBehind leftBehind = new LeftBehind();

  ClutchProcesses() {
    environment.put("JAVA_OPTS", QUICK_START + coverageAgent());
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    environment.put(LeftBehind.VARIABLE, leftBehind.mark());
  }

  /**
   * Processes without the agent that measures coverage, under which they start slowly: for tests
   * that start many.
   */
  static ClutchProcesses quick() {
    return new ClutchProcesses().withJavaOptions("");
  }

  /** An environment variable for the processes started from now on. */
  ClutchProcesses with(String name, String value) {
    environment.put(name, value);
    return this;
  }

  /** Java options, beside those for a quick start, for the processes started from now on. */
  ClutchProcesses withJavaOptions(String options) {
    return with("JAVA_OPTS", QUICK_START + " " + options);
  }

  /** Runs {@code ./clutch} to its end. */
  Result run(String... arguments) {
    return runWithInput("", arguments);
  }

  /** Runs {@code ./clutch} to its end, with something on its standard input. */
  Result runWithInput(String input, String... arguments) {
    List<String> command = new ArrayList<>(List.of(SCRIPT.toString()));
    command.addAll(List.of(arguments));
    return start(input, command).awaitResult();
  }

  /** Runs a shell script to its end; arguments beyond ASCII survive in it whatever the locale. */
  Result runScript(String script) throws IOException {
    Path file = Files.createTempFile("clutch-it", ".sh");
    try {
      Files.writeString(file, script, UTF_8);
      return start("", List.of("sh", file.toString())).awaitResult();
    } finally {
      Files.delete(file);
    }
  }

  /** Starts {@code ./clutch} and goes on. */
  Running start(String... arguments) {
    List<String> command = new ArrayList<>(List.of(SCRIPT.toString()));
    command.addAll(List.of(arguments));
    return start("", command);
  }

  /** Starts the demo worker on a free port, and waits until it is ready. */
  Running demoWorker() {
    return demoWorker("127.0.0.1:0");
  }

  /** Starts the demo worker, and waits until it is ready. */
  Running demoWorker(String address) {
    Running worker = start("worker", "--address", address, "--main", DEMO_WORKER);
    worker.awaitReady();
    return worker;
  }

  /** Starts a {@link TestWorker} on a free port, and waits until it is ready. */
  Running testWorker() {
    Running worker =
        start(
            "worker",
            "--address",
            "127.0.0.1:0",
            "--main",
            TestWorker.class.getName(),
            "--classpath",
            TEST_CLASSES);
    worker.awaitReady();
    return worker;
  }

  /**
   * Starts {@code ./clutch supervise} with the demo worker on a free port and a control socket of
   * its own, and waits until the pool is ready.
   */
  PoolProcess pool(int size, String... options) {
    // Without the agent that measures coverage, under which processes start slowly.
    List<String> program =
        List.of(
            "--",
            "/usr/bin/env",
            "JAVA_OPTS=" + QUICK_START,
            SCRIPT.toString(),
            "worker",
            "--main",
            DEMO_WORKER);
    return pool(size, program, options);
  }

  /** The same with another program: the end of the command line. */
  PoolProcess pool(int size, List<String> program, String... options) {
    PoolProcess pool = startPool(size, program, options);
    pool.awaitReady();
    return pool;
  }

  /** The same without waiting. */
  PoolProcess startPool(int size, List<String> program, String... options) {
    Path control = temporaryFolder().resolve("control.sock");
    List<String> command =
        new ArrayList<>(List.of(SCRIPT.toString(), "supervise", "--control", control.toString()));
    command.addAll(List.of("--max-workers", String.valueOf(size)));
    if (!List.of(options).contains("--address")) {
      command.addAll(List.of("--address", "127.0.0.1:0"));
    }
    command.addAll(List.of(options));
    command.addAll(program);
    return new PoolProcess(start("", command), control);
  }

  /** A folder that is deleted when this is closed. */
  Path temporaryFolder() {
    try {
      Path folder = Files.createTempDirectory("clutch-it");
      folders.add(folder);
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts any command and goes on. */
  Running startCommand(List<String> command) {
    return start("", command);
  }

  private Running start(String input, List<String> command) {
    try {
      Path in = Files.createTempFile("clutch-it", ".in");
      Path out = Files.createTempFile("clutch-it", ".out");
      Path err = Files.createTempFile("clutch-it", ".err");
      Files.writeString(in, input, UTF_8);
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .redirectInput(in.toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().keySet().removeIf(name -> name.startsWith("CLUTCH_"));
      builder.environment().putAll(environment);
      Running running = new Running(builder.start(), List.of(in, out, err));
      started.add(running);
      return running;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends a signal to any process. */
  static void signal(String name, long pid) {
    signals(pid, name);
  }

  /** Sends signals to any process, right after each other. */
  static void signals(long pid, String... names) {
    shell(
        Stream.of(names).map(name -> "kill -%s %d".formatted(name, pid)).collect(joining(" && ")));
  }

  /** Sends KILL to any processes, at once. */
  static void kill(Collection<Long> pids) {
    shell("kill -KILL " + Joiner.on(' ').join(pids));
  }

  private static void shell(String script) {
    try {
      int exitCode = new ProcessBuilder("/bin/sh", "-c", script).inheritIO().start().waitFor();
      if (exitCode != 0) {
        throw new IllegalStateException("failed: " + script);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** JaCoCo's agent as this process has it, so that what the others run counts, too. */
  private static String coverageAgent() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("-javaagent:") && argument.contains("jacoco"))
        .filter(argument -> argument.chars().noneMatch(Character::isWhitespace))
        .map(argument -> " " + argument)
        .findFirst()
        .orElse("");
  }

  @Override
  public void close() throws IOException {
    for (Running running : started) {
      running.process.destroyForcibly();
    }
    for (Running running : started) {
      running.awaitExit();
      running.atEnd.run();
      for (Path file : running.files) {
        Files.deleteIfExists(file);
      }
    }
    try {
      leftBehind.awaitNone(LIMIT);
    } finally {
      for (Path folder : folders) {
        MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
      }
    }
  }

  /** What a command that has ended left. */
  record Result(int exitCode, String out, String err) {}

  /** A command that runs. */
  static final class Running {
    private final Process process;
    private final List<Path> files;
    private Runnable atEnd = () -> {};

    private Running(Process process, List<Path> files) {
      this.process = process;
      this.files = files;
    }

    long pid() {
      return process.pid();
    }

    /**
     * What is to be done when this has ended, at the latest when its {@link ClutchProcesses} do.
     */
    void atEnd(Runnable action) {
      atEnd = action;
    }

    String out() {
      return text(files.get(1));
    }

    String err() {
      return text(files.get(2));
    }

    /** Where a worker that {@link #awaitReady() is ready} listens. */
    String address() {
      Matcher matcher = READY.matcher(err());
      if (!matcher.find()) {
        throw new IllegalStateException("not ready: " + err());
      }
      return matcher.group(1);
    }

    int port() {
      return Integer.parseInt(address().substring(address().lastIndexOf(':') + 1));
    }

    /** A client of it, with a long timeout. */
    ClutchClient client() {
      return ClutchClient.builder().servers(address()).timeout(LIMIT).build();
    }

    void awaitReady() {
      await()
          .atMost(LIMIT)
          .until(
              () -> {
                if (!process.isAlive() && !READY.matcher(err()).find()) {
                  throw new IllegalStateException("the worker ended: " + err());
                }
                return READY.matcher(err()).find();
              });
    }

    void awaitErr(String text) {
      await().atMost(LIMIT).until(() -> err().contains(text));
    }

    /** Sends TERM. */
    void terminate() {
      process.destroy();
    }

    /** Sends KILL. */
    void kill() {
      process.destroyForcibly();
    }

    /** Sends TERM and waits for the end. */
    int stop() {
      terminate();
      return awaitExit();
    }

    /** Sends any signal. */
    void signal(String name) {
      ClutchProcesses.signal(name, pid());
    }

    boolean isAlive() {
      return process.isAlive();
    }

    /** Waits for the end; the exit code. */
    int awaitExit() {
      if (!endsWithin(LIMIT)) {
        process.destroyForcibly();
        throw new AssertionError("the command did not end: " + err());
      }
      return process.exitValue();
    }

    boolean endsWithin(Duration time) {
      try {
        return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    /** Waits for the end; what it left. */
    Result awaitResult() {
      return new Result(awaitExit(), out(), err());
    }

    private static String text(Path file) {
      try {
        return Files.readString(file, UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
