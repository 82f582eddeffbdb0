package io.clutch.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A worker in a process of its own, started and stopped by this one. */
final class WorkerProcess implements AutoCloseable {

  private static final Pattern READY = Pattern.compile("worker ready on (\\S+):");
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(35);

  private final Process process;
  private final CompletableFuture<String> address = new CompletableFuture<>();
  private final Thread killer;

  private WorkerProcess(Process process) {
    this.process = process;
    this.killer = new Thread(process::destroyForcibly, "clutch-killer");
    Runtime.getRuntime().addShutdownHook(killer);
  }

  /**
   * Starts a worker on a free port of this machine: {@code ./clutch worker}, in the same Java.
   *
   * @param log gets what it prints
   */
  static WorkerProcess start(String mainClass, PrintWriter log) throws IOException {
    String home = System.getProperty("clutch.home");
    if (home == null) {
      throw new IOException("start this by the script ./clutch");
    }
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(home, "clutch").toString(),
            "worker",
            "--address",
            "127.0.0.1:0",
            "--main",
            mainClass);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.redirectErrorStream(true);
    WorkerProcess worker = new WorkerProcess(builder.start());
    Thread reader = new Thread(() -> worker.read(log), "clutch-worker-output");
    reader.setDaemon(true);
    reader.start();
    return worker;
  }

  long pid() {
    return process.pid();
  }

  /** Waits until it is ready; where it listens. */
  String awaitReady() throws IOException, InterruptedException {
    try {
      return address.get(START_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("the worker did not become ready: " + e.getMessage(), e);
    }
  }

  /** Sends TERM and waits for the end; its exit code. */
  int stop() throws IOException, InterruptedException {
    // By its handle, which leaves its output open: there is more to come.
    boolean unused = process.toHandle().destroy();
    if (!process.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new IOException("the worker did not stop within " + STOP_LIMIT);
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
    boolean unused = Runtime.getRuntime().removeShutdownHook(killer);
  }

  private void read(PrintWriter log) {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        log.println("   | " + line);
        Matcher ready = READY.matcher(line);
        if (ready.find()) {
          address.complete(ready.group(1));
        }
      }
      address.completeExceptionally(new IOException("it ended"));
    } catch (IOException e) {
      address.completeExceptionally(e);
    }
  }
}
