package io.clutch.worker;

import com.google.common.util.concurrent.Uninterruptibles;
import java.time.Duration;

/** The program of a child: a worker that runs until it is told to end. */
final class SupervisedProgram {

  private SupervisedProgram() {}

  public static void main(String[] args) throws Exception {
    Worker.builder()
        .function("one", () -> 1)
        .function(
            "hang",
            () -> {
              Uninterruptibles.sleepUninterruptibly(Duration.ofMinutes(10));
              return 1;
            })
        .function(
            "exhaust",
            () -> {
              throw new OutOfMemoryError("as if");
            })
        .build()
        .run();
  }
}
