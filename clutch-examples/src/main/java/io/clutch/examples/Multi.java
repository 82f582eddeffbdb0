package io.clutch.examples;

import io.clutch.client.ClutchClient;
import io.clutch.client.Outcome;
import io.clutch.client.Request;
import io.clutch.worker.Worker;
import java.io.IOException;
import java.util.List;

/** Many calls over two workers: one outcome each, in the order of the calls. */
public final class Multi {

  private Multi() {}

  /** Runs the example. */
  public static void main(String[] args) throws IOException {
    try (Worker one = worker("one");
        Worker two = worker("two");
        ClutchClient client =
            ClutchClient.builder()
                .servers(one.address().toString(), two.address().toString())
                .build()) {
      List<Outcome<String>> outcomes =
          client.requestMulti(
              List.of(
                  Request.of("divide", new int[] {84, 2}, String.class),
                  Request.of("divide", new int[] {1, 0}, String.class),
                  Request.of("divide", new int[] {9, 3}, String.class),
                  Request.of("nosuch", null, String.class)));
      for (Outcome<String> outcome : outcomes) {
        System.out.println(
            outcome
                .failure()
                .map(failure -> "failed: " + failure.getMessage())
                .orElseGet(outcome::result));
      }
    }
  }

  private static Worker worker(String name) throws IOException {
    return Worker.builder()
        .address("127.0.0.1:0")
        .function("divide", int[].class, n -> "%s says %d".formatted(name, n[0] / n[1]))
        .build()
        .start();
  }
}
