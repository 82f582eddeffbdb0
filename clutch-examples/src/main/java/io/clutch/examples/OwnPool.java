package io.clutch.examples;

import io.clutch.client.ClutchClient;
import io.clutch.supervisor.Supervisor;
import io.clutch.v1.PoolEvent.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A program that keeps a pool of its own for work that may crash, leak or hang: no separate
 * supervisor, and the pool goes when the program goes.
 */
public final class OwnPool {

  private OwnPool() {}

  /**
   * Starts a pool, calls it, replaces its processes and ends it.
   *
   * @param args the command of a worker, such as {@code ./clutch worker --main
   *     io.clutch.examples.DemoWorker}
   */
  public static void main(String[] args) throws IOException {
    Path folder = Files.createTempDirectory("own-pool");
    try (Supervisor supervisor =
        Supervisor.builder()
            .address("127.0.0.1:0")
            .controlPath(folder.resolve("control.sock"))
            .maxWorkers(2)
            .command(args)
            .listener(
                event -> {
                  if (event.getKind() == Kind.CHILD_READY) {
                    System.out.println(event.getMessage());
                  }
                })
            .start()) {
      // A call waits until the first process is ready.
      try (ClutchClient client =
          ClutchClient.builder()
              .servers(supervisor.addresses().get(0))
              .timeout(Duration.ofMinutes(1))
              .build()) {
        System.out.println(client.request("echo", "hello", String.class));
        supervisor.restart().join();
        System.out.println(client.request("echo", "hello again", String.class));
      }
    }
    Files.delete(folder);
    System.out.println("the pool has gone");
  }
}
