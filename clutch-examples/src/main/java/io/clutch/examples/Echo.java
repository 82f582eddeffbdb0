package io.clutch.examples;

import io.clutch.client.ClutchClient;
import io.clutch.worker.Worker;
import java.io.IOException;

/** The smallest program: a function, and a call of it. */
public final class Echo {

  private Echo() {}

  /** Runs the example. */
  public static void main(String[] args) throws IOException {
    try (Worker worker =
            Worker.builder()
                .address("127.0.0.1:0")
                .function("echo", String.class, text -> "you said: " + text)
                .build()
                .start();
        ClutchClient client = ClutchClient.builder().servers(worker.address().toString()).build()) {
      System.out.println(client.request("echo", "hello", String.class));
    }
  }
}
