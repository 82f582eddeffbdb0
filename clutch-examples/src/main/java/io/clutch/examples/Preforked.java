package io.clutch.examples;

import io.clutch.supervisor.Prefork;
import io.clutch.supervisor.Supervisor;
import io.clutch.worker.Worker;

/**
 * One program that serves alone or as a pool: {@code CLUTCH_MAX_WORKERS=0} is one process, more are
 * a supervisor with so many children of this same program.
 */
public final class Preforked {

  private Preforked() {}

  /** Serves at {@code CLUTCH_ADDRESS}, by default 127.0.0.1:9501, with two processes. */
  public static void main(String[] args) throws Exception {
    Worker worker =
        Worker.builder()
            .function("pid", () -> ProcessHandle.current().pid())
            .function("greet", String.class, name -> "Hello, " + name)
            .build();
    Prefork.run(Supervisor.builder().maxWorkers(2), worker::run);
  }
}
