package io.clutch.it;

import io.clutch.client.ClutchClient;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A program that calls {@code sleep} without end, for tests that need a client in a process of its
 * own. Prints the id of each process that answers, when it answers for the first time in a second,
 * and failures.
 */
public final class Caller {

  private static final Set<Long> ANSWERED = ConcurrentHashMap.newKeySet();

  private Caller() {}

  /** Calls the servers named by the system property {@code caller.servers}. */
  public static void main(String[] arguments) throws InterruptedException {
    ClutchClient client =
        ClutchClient.builder()
            .servers(System.getProperty("caller.servers", ""))
            .timeout(Duration.ofSeconds(60))
            .build();
    for (int i = 0; i < 4; i++) {
      new Thread(() -> call(client), "caller-" + i).start();
    }
    while (true) {
      Thread.sleep(1_000);
      System.out.println(ANSWERED);
      ANSWERED.clear();
    }
  }

  private static void call(ClutchClient client) {
    while (true) {
      try {
        ANSWERED.add(client.request("sleep", 10, long.class));
      } catch (RuntimeException e) {
        System.out.println("failed: " + e);
      }
    }
  }
}
