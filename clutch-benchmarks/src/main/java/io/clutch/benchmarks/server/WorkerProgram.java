package io.clutch.benchmarks.server;

import io.clutch.benchmarks.program.Dialogue;
import io.clutch.benchmarks.program.Fields;
import io.clutch.worker.Worker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A worker, alone or in a {@link PoolProgram}. */
public final class WorkerProgram {

  private static final String SUPERVISOR = "CLUTCH_SUPERVISOR";

  /** How long a place can be held. */
  private static final Duration LONGEST_HOLD = Duration.ofMinutes(30);

  private WorkerProgram() {}

  /**
   * Serves, and says where.
   *
   * @param args how many function threads it has; and where it is to keep jobs, the store, the
   *     folder of its {@link Tallies}, and the functions that count
   */
  public static void main(String[] args) throws IOException {
    Worker.Builder builder =
        Worker.builder().address("127.0.0.1:0").concurrency(Integer.parseInt(args[0]));
    if (args.length > 1) {
      Tallies tallies = Tallies.own(Path.of(args[2]));
      builder
          .store(args[1])
          .timeout(LONGEST_HOLD)
          .functions(new JobFunctions(tallies, List.of(args).subList(3, args.length)));
    } else {
      builder.functions(new Functions());
    }
    Worker worker = builder.build();
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
