package io.clutch.cli;

import io.clutch.client.ClutchClient;
import io.clutch.client.Outcome;
import io.clutch.client.Request;
import io.clutch.protocol.ClutchException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Shows what Clutch does, in half a minute. */
@Command(
    name = "demo",
    description = "Starts a worker in another process, calls it in every way, and stops it.",
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {

  private static final String DEMO_WORKER = "io.clutch.examples.DemoWorker";

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    out.printf("This is process %d. It starts a worker in another one.%n", pid());
    out.println("$ ./clutch worker --main " + DEMO_WORKER);
    try (WorkerProcess worker = WorkerProcess.start(DEMO_WORKER, out)) {
      String address = worker.awaitReady();
      try (ClutchClient client = ClutchClient.builder().servers(address).build()) {
        call(client, out);
        multi(client, out);
        background(client, out);
        cascade(client, out);
        error(client, out);
      }
      out.println();
      out.println("TERM: the worker finishes its calls and exits.");
      int exitCode = worker.stop();
      out.printf("The worker exited with %d.%n", exitCode);
      return exitCode == 0 ? ExitCode.OK : ExitCode.FAILED;
    }
  }

  private static void call(ClutchClient client, PrintWriter out) {
    title(out, "A call: the worker answers with its process id in front.");
    out.println("$ ./clutch call --text echo 'hello world'");
    out.println(client.request("echo", "hello world", String.class));
  }

  private static void multi(ClutchClient client, PrintWriter out) {
    title(out, "Four calls at once, the longest first: results come in the order of the calls.");
    List<Integer> pauses = IntStream.of(400, 300, 200, 100).boxed().toList();
    List<Request<Long>> requests =
        pauses.stream().map(pause -> Request.of("sleep", pause, Long.class)).toList();
    long start = System.nanoTime();
    List<Outcome<Long>> outcomes = client.requestMulti(requests);
    long millis = (System.nanoTime() - start) / 1_000_000;
    for (int i = 0; i < outcomes.size(); i++) {
      out.printf("sleep %d ms -> done by process %s%n", pauses.get(i), outcomes.get(i).result());
    }
    out.printf("All of them took %d ms; one after another they would take 1000.%n", millis);
  }

  private static void background(ClutchClient client, PrintWriter out) {
    title(out, "A background call: accepted at once, run later.");
    long start = System.nanoTime();
    String id = client.requestBackground("sleep", 500);
    long millis = (System.nanoTime() - start) / 1_000_000;
    out.printf("sleep 500 ms -> accepted as %s after %d ms%n", id, millis);
  }

  private static void cascade(ClutchClient client, PrintWriter out) {
    title(out, "A cascade: the function calls another one of the same worker.");
    out.println("$ ./clutch call --text cascade 'through two functions'");
    out.println(client.request("cascade", "through two functions", String.class));
  }

  private static void error(ClutchClient client, PrintWriter out) {
    title(out, "An error: clear, and it says whether the function was started.");
    out.println("$ ./clutch call nosuch");
    try {
      client.request("nosuch", null, Void.class);
      throw new IllegalStateException("a function that does not exist was called");
    } catch (ClutchException expected) {
      out.println(Text.of(expected));
    }
  }

  private static void title(PrintWriter out, String text) {
    out.println();
    out.println(text);
  }

  private static long pid() {
    return ProcessHandle.current().pid();
  }
}
