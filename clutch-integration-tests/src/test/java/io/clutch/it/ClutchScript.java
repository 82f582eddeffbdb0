package io.clutch.it;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** The {@code ./clutch} script as a user runs it. What it started is killed when this is closed. */
final class ClutchScript implements AutoCloseable {

  /** How a command ended. */
  record Result(int exitCode, String out, String err) {}

  private static final Path ROOT = Path.of(System.getProperty("clutch.root", "..")).normalize();
  private static final Pattern READY = Pattern.compile("worker ready on (\\S+): pid (\\d+)");

  private final List<Process> started = new ArrayList<>();

  /** The root of the project. */
  static Path root() {
    return ROOT.toAbsolutePath().normalize();
  }

  /** Starts the script; the caller looks after its output. */
  Process start(Map<String, String> environment, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(root().resolve("clutch").toString());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    started.add(process);
    return process;
  }

  /** Runs the script to its end. */
  Result run(String... arguments) throws Exception {
    return run(Map.of(), "", arguments);
  }

  /** Runs the script to its end, with something on standard input. */
  Result run(Map<String, String> environment, String input, String... arguments) throws Exception {
    Process process = start(environment, arguments);
    CompletableFuture<String> out = CompletableFuture.supplyAsync(() -> read(process, false));
    CompletableFuture<String> err = CompletableFuture.supplyAsync(() -> read(process, true));
    try (OutputStream stdin = process.getOutputStream()) {
      stdin.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It ended without reading its input, which is for the test to judge.
      if (process.isAlive()) {
        throw e;
      }
    }
    if (!process.waitFor(120, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("clutch " + String.join(" ", arguments) + " did not end");
    }
    return new Result(
        process.exitValue(), out.get(60, TimeUnit.SECONDS), err.get(60, TimeUnit.SECONDS));
  }

  private static String read(Process process, boolean err) {
    try (var stream = err ? process.getErrorStream() : process.getInputStream()) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A worker in a process of its own. */
  static final class WorkerProcess {
    private final Process process;
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final String address;

    private WorkerProcess(Process process) {
      this.process = process;
      Thread thread =
          new Thread(
              () -> {
                try (var reader = process.errorReader(StandardCharsets.UTF_8)) {
                  reader.lines().forEach(lines::add);
                } catch (IOException | UncheckedIOException e) {
                  lines.add(e.toString());
                }
              });
      thread.setDaemon(true);
      thread.start();
      Awaitility.await()
          .atMost(60, TimeUnit.SECONDS)
          .until(() -> READY.matcher(log()).find() || !process.isAlive());
      Matcher ready = READY.matcher(log());
      if (!ready.find()) {
        throw new AssertionError("the worker did not become ready: " + log());
      }
      this.address = ready.group(1);
    }

    String address() {
      return address;
    }

    long pid() {
      return process.pid();
    }

    ProcessHandle handle() {
      return process.toHandle();
    }

    String log() {
      return String.join("\n", lines);
    }

    boolean isAlive() {
      return process.isAlive();
    }

    /** Sends TERM. */
    void terminate() {
      // By its handle, which leaves its output open.
      boolean unused = process.toHandle().destroy();
    }

    /** Sends KILL. */
    void kill() {
      process.destroyForcibly();
    }

    int awaitExit() throws InterruptedException {
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        throw new AssertionError("the worker did not end: " + log());
      }
      return process.exitValue();
    }
  }

  /** Starts the demo worker on a free port and waits until it is ready. */
  WorkerProcess demoWorker() throws IOException {
    return worker(
        Map.of("CLUTCH_CONCURRENCY", "2"), "127.0.0.1:0", "io.clutch.examples.DemoWorker");
  }

  /** Starts a worker and waits until it is ready. */
  WorkerProcess worker(Map<String, String> environment, String address, String main, String... more)
      throws IOException {
    List<String> arguments =
        new ArrayList<>(List.of("worker", "--address", address, "--main", main));
    arguments.addAll(List.of(more));
    return new WorkerProcess(start(environment, arguments.toArray(new String[0])));
  }

  @Override
  public void close() {
    started.forEach(Process::destroyForcibly);
  }
}
