package io.clutch.supervisor.internal.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A child's process. Thread-safe. */
public final class ChildProcess {

  private static final Logger log = LoggerFactory.getLogger(ChildProcess.class);

  private static final int SIGNALLED = 128;
  private static final int KILL = 9;

  private final Process process;
  private final LastLines lastLines;
  private final CompletableFuture<?> outputEnd;

  ChildProcess(Process process, LastLines lastLines, CompletableFuture<?> outputEnd) {
    this.process = process;
    this.lastLines = lastLines;
    this.outputEnd = outputEnd;
  }

  /** The id of the process that was started; the worker may be a descendant of it. */
  public long pid() {
    return process.pid();
  }

  /** What it printed last, of both streams. */
  public String lastLines() {
    return lastLines.text();
  }

  /** Its exit code, when it has ended and, within a second, its output too. */
  public CompletableFuture<Integer> onExit() {
    return process
        .onExit()
        .thenCompose(
            ended ->
                // A descendant may hold the output open.
                outputEnd
                    .thenApply(end -> ended.exitValue())
                    .completeOnTimeout(ended.exitValue(), 1, TimeUnit.SECONDS));
  }

  /** How a process ended, for people. */
  public static String describeExit(int exitCode) {
    return exitCode == SIGNALLED + KILL
        ? "it was killed (exit code 137)"
        : "it exited with " + exitCode;
  }

  /** Whether {@code pid} is this process or descends from it. */
  public boolean includes(long pid) {
    return Stream.iterate(
            ProcessHandle.of(pid),
            Optional::isPresent,
            handle -> handle.flatMap(ProcessHandle::parent))
        .flatMap(Optional::stream)
        .anyMatch(handle -> handle.pid() == process.pid());
  }

  /** Sends TERM. */
  public void terminate() {
    // By its handle, which leaves the output open: there is more to come.
    boolean unused = process.toHandle().destroy();
  }

  /** Sends KILL, to its descendants too. */
  public void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    boolean unused = process.toHandle().destroyForcibly();
  }

  /** Sends QUIT: a JVM then says in its output what its threads do. */
  public static void dumpThreads(long pid) {
    try {
      // The JDK sends no signals but TERM and KILL.
      new ProcessBuilder("/bin/sh", "-c", "kill -QUIT " + pid)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start();
    } catch (IOException e) {
      log.warn("cannot send QUIT to process {}: {}", pid, e.toString());
    }
  }

  /** The resident memory of a process, in bytes; 0 where it has gone. */
  public static long residentBytes(long pid) {
    try (Stream<String> lines = Files.lines(Path.of("/proc", String.valueOf(pid), "status"))) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst()
          .orElse(0);
    } catch (IOException | java.io.UncheckedIOException e) {
      return 0;
    }
  }
}
