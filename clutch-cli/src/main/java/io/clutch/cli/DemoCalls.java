package io.clutch.cli;

import io.clutch.client.ClutchClient;
import io.clutch.client.Outcome;
import io.clutch.client.Request;
import io.clutch.protocol.ClutchException;
import java.io.PrintWriter;
import java.util.List;

/** The part of the demo that shows every way to call. */
final class DemoCalls {

  private final ClutchClient client;
  private final PrintWriter out;

  DemoCalls(ClutchClient client, PrintWriter out) {
    this.client = client;
    this.out = out;
  }

  void show() {
    call();
    multi();
    background();
    cascade();
    error();
  }

  private void call() {
    title(out, "A call: the worker answers with its process id in front.");
    out.println("$ ./clutch call --text echo 'hello world'");
    out.println(client.request("echo", "hello world", String.class));
  }

  private void multi() {
    title(out, "Several calls at once: an outcome for each, in the order of the calls.");
    List<Request<String>> requests =
        List.of(
            Request.of("echo", "one", String.class),
            Request.of("fail", "two went wrong", String.class),
            Request.of("echo", "three", String.class));
    for (Outcome<String> outcome : client.requestMulti(requests)) {
      out.println(
          outcome.isSuccess()
              ? "-> " + outcome.result()
              : "-> " + outcome.failure().map(ClutchException::getMessage).orElse(""));
    }
  }

  private void background() {
    title(out, "A background call: accepted at once, run later.");
    long start = System.nanoTime();
    String id = client.requestBackground("sleep", 500);
    long millis = (System.nanoTime() - start) / 1_000_000;
    out.printf("sleep 500 ms -> accepted as %s after %d ms%n", id, millis);
  }

  private void cascade() {
    title(out, "A cascade: the function calls another one of the same worker.");
    out.println("$ ./clutch call --text cascade 'through two functions'");
    out.println(client.request("cascade", "through two functions", String.class));
  }

  private void error() {
    title(out, "An error: clear, and it says whether the function was started.");
    out.println("$ ./clutch call nosuch");
    try {
      client.request("nosuch", null, Void.class);
      throw new IllegalStateException("a function that does not exist was called");
    } catch (ClutchException expected) {
      out.println(Text.of(expected));
    }
  }

  static void title(PrintWriter out, String text) {
    out.println();
    out.println(text);
  }
}
