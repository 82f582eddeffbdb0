package io.clutch.examples;

import io.clutch.client.ClutchClient;
import io.clutch.client.Outcome;
import io.clutch.client.Request;
import io.clutch.worker.Worker;
import java.io.IOException;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/** Two workers, of which one goes away while calls are under way: no call is lost. */
public final class FailOver {

  private FailOver() {}

  /** Runs the example. */
  public static void main(String[] args) throws IOException {
    Worker one = worker("one");
    try (Worker two = worker("two");
        ClutchClient client =
            ClutchClient.builder()
                .servers(one.address().toString(), two.address().toString())
                .build()) {
      Set<String> answered = new TreeSet<>();
      while (answered.size() < 2) {
        answered.addAll(hundredCalls(client));
      }
      System.out.println("answered by " + answered);

      Thread closing = new Thread(one::close);
      closing.start();
      hundredCalls(client);
      closing.join();
      System.out.println("answered by " + hundredCalls(client));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      one.close();
    }
  }

  /** Who answered; a call that failed would throw here. */
  private static Set<String> hundredCalls(ClutchClient client) {
    // To run it twice would do no harm: so it is sent again even where its worker is lost.
    Request<String> request = Request.of("who", null, String.class).idempotent();
    Set<String> answered = new TreeSet<>();
    for (Outcome<String> outcome : client.requestMulti(Collections.nCopies(100, request))) {
      answered.add(outcome.result());
    }
    return answered;
  }

  private static Worker worker(String name) throws IOException {
    return Worker.builder().address("127.0.0.1:0").function("who", () -> name).build().start();
  }
}
