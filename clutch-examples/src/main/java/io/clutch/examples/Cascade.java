package io.clutch.examples;

import static java.util.Objects.requireNonNull;

import io.clutch.client.ClutchClient;
import io.clutch.protocol.ClutchException;
import io.clutch.worker.Worker;
import java.io.IOException;

/** A function that calls functions of its own worker, itself among them, without the network. */
public final class Cascade {

  private Cascade() {}

  /** Runs the example. */
  public static void main(String[] args) throws IOException {
    try (Worker worker =
            Worker.builder()
                .address("127.0.0.1:0")
                .function(
                    "factorial",
                    long.class,
                    (n, call) ->
                        n <= 1
                            ? 1
                            : n * requireNonNull(call.cascade("factorial", n - 1, Long.class)))
                .build()
                .start();
        ClutchClient client = ClutchClient.builder().servers(worker.address().toString()).build()) {
      System.out.println("20! = " + client.request("factorial", 20, Long.class));
      try {
        System.out.println(client.request("factorial", 100, Long.class));
      } catch (ClutchException e) {
        System.out.println("100! is too deep: " + e.reason());
      }
    }
  }
}
