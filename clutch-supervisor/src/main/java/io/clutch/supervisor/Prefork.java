package io.clutch.supervisor;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import io.clutch.process.Place;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One {@code main} for both modes, as in Clutch 0.05: a worker that serves alone, or the supervisor
 * of a pool of processes of the same program.
 *
 * <pre>{@code
 * public static void main(String[] args) throws Exception {
 *   Worker worker = Worker.builder().functions(new Jobs()).build();
 *   Prefork.run(Supervisor.builder().maxWorkers(4), worker::run);
 * }
 * }</pre>
 */
public final class Prefork {

  private Prefork() {}

  /** What a child does: build a worker and run it. */
  @FunctionalInterface
  public interface Program {

    /** Returns when the worker has drained. */
    void run() throws Exception;
  }

  /**
   * Runs the worker, or a pool of them: with {@code maxWorkers} above 0 this process becomes the
   * supervisor of children that are started with its own command line, in which this same method
   * runs the worker. Returns when all is over; ends the process where the pool's exit code is not
   * 0.
   *
   * @param options of the pool; options given from outside win, see {@link
   *     SupervisorBuilder#fromEnvironment}. The command is set here
   * @param worker serves: alone where {@code maxWorkers} is 0
   * @throws IllegalArgumentException where an option is wrong
   * @throws UnsupportedOperationException where supervision does not work on this platform
   * @throws IOException where an address, the control socket or a file cannot be had
   * @throws Exception what the worker throws
   */
  public static void run(SupervisorBuilder options, Program worker) throws Exception {
    if (Place.of(System::getenv).isPresent()) {
      worker.run();
      return;
    }
    options.fromEnvironment();
    if (options.maxWorkers() == 0) {
      worker.run();
      return;
    }
    int exitCode = options.command(ownCommand()).run();
    if (exitCode != 0) {
      System.exit(exitCode);
    }
  }

  /** How this process was started, from the kernel: the JDK leaves out long ones. */
  private static ImmutableList<String> ownCommand() throws IOException {
    Path self = Path.of("/proc/self");
    String line = Files.readString(self.resolve("cmdline"), StandardCharsets.UTF_8);
    List<String> arguments = new ArrayList<>(Splitter.on('\0').splitToList(line));
    // Each argument ends with a zero byte.
    arguments.remove(arguments.size() - 1);
    arguments.set(0, Files.readSymbolicLink(self.resolve("exe")).toString());
    return ImmutableList.copyOf(arguments);
  }
}
