package io.clutch.benchmarks.server;

import io.clutch.benchmarks.program.Dialogue;
import io.clutch.benchmarks.program.Fields;
import io.clutch.benchmarks.program.JavaProgram;
import io.clutch.supervisor.Supervisor;
import io.clutch.v1.ChildStatus;
import io.clutch.v1.PoolStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A supervisor and its children, which are {@link WorkerProgram}s. */
public final class PoolProgram {

  /** All children start at once, and there may be one processor for them. */
  private static final Duration BOOT_TIMEOUT = Duration.ofMinutes(5);

  private PoolProgram() {}

  /**
   * Serves, and says where.
   *
   * @param args how many children there are, and what each is told: how many function threads it
   *     has, and more
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    int children = Integer.parseInt(args[0]);
    Dialogue dialogue = new Dialogue();
    Path folder = Files.createTempDirectory("clutch-benchmark");
    try (Supervisor supervisor =
        Supervisor.builder()
            .address("127.0.0.1:0")
            .controlPath(folder.resolve("control.sock"))
            .maxWorkers(children)
            .bootTimeout(BOOT_TIMEOUT)
            .concurrency(Integer.parseInt(args[1]))
            .output(System.err, System.err)
            .command(
                JavaProgram.command(WorkerProgram.class, List.of(args).subList(1, args.length)))
            .start()) {
      List<Long> pids = new ArrayList<>(awaitChildren(supervisor, children));
      pids.add(ProcessHandle.current().pid());
      dialogue.say(Fields.none().with("address", supervisor.addresses().get(0)).with("pids", pids));
      dialogue.awaitEnd();
    }
    Files.deleteIfExists(folder);
  }

  private static List<Long> awaitChildren(Supervisor supervisor, int children)
      throws InterruptedException {
    while (true) {
      PoolStatus status = supervisor.status();
      List<Long> ready =
          status.getChildrenList().stream()
              .filter(child -> child.getState() == ChildStatus.State.READY)
              .map(ChildStatus::getProcessId)
              .toList();
      if (ready.size() == children) {
        return ready;
      }
      Thread.sleep(50);
    }
  }
}
