package io.clutch.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** Threads that make calls one after another until they are told to stop. */
final class Load implements AutoCloseable {

  private final AtomicLong done = new AtomicLong();
  private final Queue<RuntimeException> failures = new ConcurrentLinkedQueue<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopped;

  /** Starts {@code count} threads that do {@code call} again and again. */
  static Load start(int count, Runnable call) {
    Load load = new Load();
    for (int i = 0; i < count; i++) {
      Thread thread = new Thread(() -> load.run(call), "load-" + i);
      load.threads.add(thread);
      thread.start();
    }
    return load;
  }

  private void run(Runnable call) {
    while (!stopped) {
      try {
        call.run();
        done.incrementAndGet();
      } catch (RuntimeException e) {
        failures.add(e);
      }
    }
  }

  /** How many calls succeeded so far. */
  long done() {
    return done.get();
  }

  /** What calls failed with so far. */
  List<RuntimeException> failures() {
    return List.copyOf(failures);
  }

  @Override
  public void close() throws InterruptedException {
    stopped = true;
    for (Thread thread : threads) {
      thread.join();
    }
  }
}
