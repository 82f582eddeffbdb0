package io.clutch.worker.internal.dispatch;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;

/** Threads stepped by hand: what they are given runs in {@link #step}, on the calling thread. */
final class StepExecutor implements Executor {

  private final Queue<Runnable> commands = new ArrayDeque<>();

  @Override
  public void execute(Runnable command) {
    commands.add(command);
  }

  /** How many threads are at work, or would be. */
  int size() {
    return commands.size();
  }

  /** Lets one thread work until it has nothing more to do. */
  void step() {
    commands.remove().run();
  }
}
