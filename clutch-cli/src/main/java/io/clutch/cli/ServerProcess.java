package io.clutch.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A worker or a supervisor in a process of its own, started and stopped by this one. */
final class ServerProcess implements AutoCloseable {

  private static final Pattern WORKER_READY = Pattern.compile("worker ready on (\\S+):");
  private static final Pattern POOL_READY = Pattern.compile("pool ready on (\\S+):");
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(35);

  private final Process process;
  private final Pattern ready;
  private final CompletableFuture<String> address = new CompletableFuture<>();
  private final Thread killer;

  private ServerProcess(Process process, boolean isPool) {
    this.process = process;
    this.ready = isPool ? POOL_READY : WORKER_READY;
    this.killer = new Thread(process::destroyForcibly, "clutch-killer");
    Runtime.getRuntime().addShutdownHook(killer);
  }

  /**
   * Starts {@code ./clutch} in the same Java.
   *
   * @param arguments a command that serves
   * @param log gets what it prints
   */
  static ServerProcess start(List<String> arguments, PrintWriter log) throws IOException {
    List<String> command = new ArrayList<>(List.of(OwnScript.path().toString()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.redirectErrorStream(true);
    ServerProcess server = new ServerProcess(builder.start(), isPool(arguments));
    Thread reader = new Thread(() -> server.read(log), "clutch-server-output");
    reader.setDaemon(true);
    reader.start();
    return server;
  }

  private static boolean isPool(List<String> arguments) {
    return arguments.get(0).equals("supervise");
  }

  long pid() {
    return process.pid();
  }

  /** Waits until it is ready; where it listens. */
  String awaitReady() throws IOException, InterruptedException {
    try {
      return address.get(START_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("it did not become ready: " + e.getMessage(), e);
    }
  }

  /** Sends TERM and waits for the end; its exit code. */
  int stop() throws IOException, InterruptedException {
    // By its handle, which leaves its output open: there is more to come.
    boolean unused = process.toHandle().destroy();
    if (!process.waitFor(STOP_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new IOException("it did not stop within " + STOP_LIMIT);
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
        Matcher found = ready.matcher(line);
        if (found.find()) {
          address.complete(found.group(1));
        }
      }
      address.completeExceptionally(new IOException("it ended"));
    } catch (IOException e) {
      address.completeExceptionally(e);
    }
  }
}
