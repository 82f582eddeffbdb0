package io.clutch.benchmarks.server;

import io.clutch.benchmarks.program.Dialogue;
import io.clutch.benchmarks.program.Fields;
import io.clutch.worker.Worker;
import java.io.IOException;

/** A worker, alone or in a {@link PoolProgram}. */
public final class WorkerProgram {

  private static final String SUPERVISOR = "CLUTCH_SUPERVISOR";

  private WorkerProgram() {}

  /**
   * Serves, and says where.
   *
   * @param args how many function threads it has
   */
  public static void main(String[] args) throws IOException {
    Worker worker =
        Worker.builder()
            .address("127.0.0.1:0")
            .concurrency(Integer.parseInt(args[0]))
            .functions(new Functions())
            .build();
    if (System.getenv(SUPERVISOR) != null) {
      worker.run();
      return;
    }
    Dialogue dialogue = new Dialogue();
    try (worker) {
      worker.start();
      dialogue.say(
          Fields.none()
              .with("address", worker.address())
              .with("pids", ProcessHandle.current().pid()));
      dialogue.awaitEnd();
    }
  }
}
