package io.clutch.supervisor.internal.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.Bytes;
import io.clutch.process.InheritedSockets;
import io.clutch.process.Place;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Starts children.
 *
 * @param command the program and its arguments
 * @param environment what children find in theirs beside this process's
 * @param prefixed whether each line of output says whose it is
 */
public record Launcher(
    ImmutableList<String> command,
    ImmutableMap<String, String> environment,
    boolean prefixed,
    LineSink out,
    LineSink err) {

  private static final byte[] LINE_END = {'\n'};

  /**
   * Starts one.
   *
   * @throws IOException where there is no such program
   */
  public ChildProcess launch(Place place) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectInput(new File("/dev/null"));
    Map<String, String> variables = builder.environment();
    // What a service manager told this process is not meant for others.
    variables.keySet().removeAll(InheritedSockets.VARIABLES);
    variables
        .keySet()
        .removeIf(name -> name.equals("NOTIFY_SOCKET") || name.startsWith("WATCHDOG_"));
    variables.putAll(environment);
    variables.putAll(place.variables());
    Process process = builder.start();
    LastLines lastLines = new LastLines();
    String name = "clutch-output-" + place.slot();
    String prefix = prefixed ? "[%d %d] ".formatted(place.slot(), process.pid()) : "";
    try {
      CompletableFuture<?> outputEnd =
          CompletableFuture.allOf(
              pump(process.getInputStream(), name, prefix.getBytes(UTF_8), lastLines, out),
              pump(process.getErrorStream(), name, prefix.getBytes(UTF_8), lastLines, err));
      return new ChildProcess(process, lastLines, outputEnd);
    } catch (OutOfMemoryError e) {
      // Most often the system gives no further thread.
      process.destroyForcibly();
      throw new IOException("no thread to read its output: " + e.getMessage(), e);
    }
  }

  private static CompletableFuture<?> pump(
      InputStream stream, String name, byte[] prefix, LastLines lastLines, LineSink sink) {
    CompletableFuture<Void> end = new CompletableFuture<>();
    LineReader reader =
        new LineReader(
            stream,
            line -> {
              lastLines.add(line);
              sink.accept(Bytes.concat(prefix, line, LINE_END));
            });
    Thread thread =
        new Thread(
            () -> {
              reader.run();
              end.complete(null);
            },
            name);
    thread.setDaemon(true);
    thread.start();
    return end;
  }
}
