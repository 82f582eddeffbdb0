package io.clutch.supervisor.internal.process;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.clutch.process.Place;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A program that starts a child which prints its environment. */
final class EnvironmentOfAChild {

  private EnvironmentOfAChild() {}

  public static void main(String[] args) throws Exception {
    LineSink out = LineSink.to(System.out, "out");
    ChildProcess child =
        new Launcher(ImmutableList.of("/usr/bin/env"), ImmutableMap.of(), false, out, out)
            .launch(new Place(Path.of("/run/control.sock"), 1, 1));
    int exitCode = child.onExit().get(20, TimeUnit.SECONDS);
    out.close(Duration.ofSeconds(5));
    System.exit(exitCode);
  }
}
