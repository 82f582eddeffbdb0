package io.clutch.examples;

import io.clutch.client.ClutchClient;
import io.clutch.client.JobBackoff;
import io.clutch.client.JobOptions;
import io.clutch.client.JobStatus;
import io.clutch.worker.FunctionDefinition;
import io.clutch.worker.Worker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A background call that survives: one worker accepts it, another one, started later with the same
 * store, runs it, and runs it again because it failed at first.
 */
public final class Durable {

  private Durable() {}

  /** Runs the example. */
  public static void main(String[] args) throws IOException {
    Path store = Files.createTempDirectory("clutch-example");
    JobOptions options =
        JobOptions.DEFAULT
            .withJobId("invoice-42")
            .withDelay(Duration.ofSeconds(1))
            .withBackoff(JobBackoff.of(Duration.ofMillis(100)))
            .withKeepResult(Duration.ofHours(1));
    try (Worker first = worker(store);
        ClutchClient client = client(first)) {
      System.out.println("accepted as " + client.requestBackground("mail", "ann", options));
    }
    System.out.println("the worker has ended");
    try (Worker second = worker(store);
        ClutchClient client = client(second)) {
      // The same id again is no second job.
      System.out.println("accepted as " + client.requestBackground("mail", "ann", options));
      JobStatus end = client.watchJob("invoice-42", job -> {}).join();
      System.out.printf("%s after %d attempts%n", end.state(), end.attempts());
      System.out.println(client.jobResult("invoice-42", String.class));
    }
  }

  private static Worker worker(Path store) throws IOException {
    return Worker.builder()
        .address("127.0.0.1:0")
        .store(store.toString())
        .function(
            FunctionDefinition.named("mail")
                .argument(String.class)
                .result(String.class)
                .runs(
                    (to, call) -> {
                      System.out.printf(
                          "job %s, attempt %d%n", call.jobId().orElseThrow(), call.attempt());
                      if (call.attempt() == 1) {
                        throw new IOException("the mail server is busy");
                      }
                      return "mail to " + to + " sent";
                    }))
        .build()
        .start();
  }

  private static ClutchClient client(Worker worker) {
    return ClutchClient.builder().servers(worker.address().toString()).build();
  }
}
