package io.clutch.supervisor.internal.process;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.clutch.process.Place;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Children that are shell scripts, and what they print. None of them outlives this. */
final class TestChildren implements AutoCloseable {

  static final Path CONTROL_SOCKET = Path.of("/run/test/control.sock");

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final LineSink outSink = LineSink.to(out, "test-out");
  private final LineSink errSink = LineSink.to(err, "test-err");
  private final List<ChildProcess> children = new ArrayList<>();

  private ImmutableMap<String, String> environment = ImmutableMap.of();
  private boolean prefixed;

  TestChildren environment(String name, String value) {
    environment = ImmutableMap.of(name, value);
    return this;
  }

  TestChildren prefixed() {
    prefixed = true;
    return this;
  }

  ChildProcess start(String script) throws IOException {
    return start(script, 1, 1);
  }

  ChildProcess start(String script, int slot, long generation) throws IOException {
    return launch(ImmutableList.of("/bin/sh", "-c", script), slot, generation);
  }

  ChildProcess launch(ImmutableList<String> command, int slot, long generation) throws IOException {
    ChildProcess child =
        new Launcher(command, environment, prefixed, outSink, errSink)
            .launch(new Place(CONTROL_SOCKET, slot, generation));
    children.add(child);
    return child;
  }

  /** What was passed on of their output so far. */
  String out() {
    return out.toString(UTF_8);
  }

  /** What was passed on of their error output so far. */
  String err() {
    return err.toString(UTF_8);
  }

  @Override
  public void close() {
    children.forEach(ChildProcess::kill);
    children.forEach(child -> child.onExit().join());
    outSink.close(Duration.ofSeconds(5));
    errSink.close(Duration.ofSeconds(5));
  }
}
