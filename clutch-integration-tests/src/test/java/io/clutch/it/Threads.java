package io.clutch.it;

import java.util.ArrayList;
import java.util.List;

/** Threads that do the same again and again until this is closed. */
final class Threads implements AutoCloseable {
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopped;

  Threads(int count, Runnable task) {
    for (int i = 0; i < count; i++) {
      Thread thread =
          new Thread(
              () -> {
                while (!stopped) {
                  task.run();
                }
              },
              "load-" + i);
      threads.add(thread);
      thread.start();
    }
  }

  @Override
  public void close() throws InterruptedException {
    stopped = true;
    for (Thread thread : threads) {
      thread.join();
    }
  }
}
