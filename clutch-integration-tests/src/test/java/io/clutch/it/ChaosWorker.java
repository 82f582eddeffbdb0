package io.clutch.it;

import io.clutch.worker.Worker;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A worker for {@link ChaosIT}, which can say what is left of calls in its heap. */
public final class ChaosWorker {

  /** What is alive in the heap. */
  record Heap(Map<String, Long> ofCalls, long bytes) {}

  /** Whose heap it is. */
  record Answer(long pid, Heap heap) {}

  private ChaosWorker() {}

  /** Serves. */
  public static void main(String[] arguments) throws IOException {
    Worker.builder()
        .function("echo", String.class, text -> text)
        .function(
            "slow",
            String.class,
            text -> {
              pause(1 + text.length() % 10);
              return text;
            })
        .function(
            "throws",
            String.class,
            text -> {
              throw new IllegalArgumentException(text);
            })
        .function("heap", ChaosWorker::heap)
        .build()
        .run();
  }

  private static Answer heap() {
    LiveObjects live = LiveObjects.now();
    return new Answer(ProcessHandle.current().pid(), new Heap(live.ofCalls(), live.bytes()));
  }

  private static void pause(long millis) throws InterruptedException {
    boolean unused = new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
  }
}
