package io.clutch.examples;

import io.clutch.client.ClutchClient;
import io.clutch.client.Request;
import io.clutch.worker.Worker;
import java.io.IOException;
import java.util.List;

/** Calls whose results nobody waits for. Closing the worker lets those accepted end. */
public final class Background {

  private Background() {}

  /** Runs the example. */
  public static void main(String[] args) throws IOException {
    try (Worker worker =
            Worker.builder()
                .address("127.0.0.1:0")
                .concurrency(1)
                .function(
                    "mail",
                    String.class,
                    (to, call) -> {
                      Thread.sleep(200);
                      System.out.println("mail to " + to + " sent, call " + call.id());
                      return null;
                    })
                .build()
                .start();
        ClutchClient client = ClutchClient.builder().servers(worker.address().toString()).build()) {
      System.out.println("accepted as " + client.requestBackground("mail", "ann@example.com"));
      client
          .requestBackgroundMulti(
              List.of(Request.of("mail", "bob@example.com"), Request.of("mail", "cy@example.com")))
          .forEach(outcome -> System.out.println("accepted as " + outcome.result()));
    }
    System.out.println("the worker has ended");
  }
}
