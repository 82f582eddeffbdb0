package io.clutch.cli;

import io.clutch.client.ClutchClient;
import io.clutch.supervisor.SupervisorPlatform;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Shows what Clutch does, in half a minute. */
@Command(
    name = "demo",
    description = {
      "Starts a pool of four worker processes, calls it in every way, kills a process, replaces all",
      "of them under calls, and stops. Where supervision does not work, it starts one worker."
    },
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {

  private static final String DEMO_WORKER = "io.clutch.examples.DemoWorker";
  private static final int SIZE = 4;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Optional<String> problem = SupervisorPlatform.problem();
    if (problem.isPresent()) {
      out().println(problem.get());
      return showWorker();
    }
    return showPool();
  }

  private int showWorker() throws IOException, InterruptedException {
    out().printf("This is process %d. It starts a worker in another one.%n", pid());
    out().println("$ ./clutch worker --main " + DEMO_WORKER);
    List<String> command = List.of("worker", "--address", "127.0.0.1:0", "--main", DEMO_WORKER);
    try (ServerProcess worker = ServerProcess.start(command, out())) {
      String address = worker.awaitReady();
      try (ClutchClient client = ClutchClient.builder().servers(address).build()) {
        new DemoCalls(client, out()).show();
      }
      return stop(worker, "TERM: the worker finishes its calls and exits.");
    }
  }

  private int showPool() throws IOException, InterruptedException {
    out()
        .printf(
            "This is process %d. It starts a supervisor, which keeps %d worker processes.%n",
            pid(), SIZE);
    out().printf("$ ./clutch supervise --max-workers %d --main %s%n", SIZE, DEMO_WORKER);
    Path folder = Files.createTempDirectory("clutch-demo");
    Path control = folder.resolve("control.sock");
    List<String> command =
        List.of(
            "supervise",
            "--address",
            "127.0.0.1:0",
            "--control",
            control.toString(),
            "--max-workers",
            String.valueOf(SIZE),
            "--main",
            DEMO_WORKER);
    try (ServerProcess supervisor = ServerProcess.start(command, out())) {
      String address = supervisor.awaitReady();
      try (ClutchClient client = ClutchClient.builder().servers(address).build();
          DemoPool pool = new DemoPool(client, control, SIZE, out())) {
        pool.showProcesses();
        new DemoCalls(client, out()).show();
        pool.showCrash();
        pool.showRestart();
      }
      return stop(supervisor, "TERM: all finish their calls and exit.");
    } finally {
      Files.deleteIfExists(control);
      Files.delete(folder);
    }
  }

  private int stop(ServerProcess server, String title) throws IOException, InterruptedException {
    DemoCalls.title(out(), title);
    int exitCode = server.stop();
    out().printf("It exited with %d.%n", exitCode);
    return exitCode == 0 ? ExitCode.OK : ExitCode.FAILED;
  }

  private PrintWriter out() {
    return spec.commandLine().getOut();
  }

  private static long pid() {
    return ProcessHandle.current().pid();
  }
}
