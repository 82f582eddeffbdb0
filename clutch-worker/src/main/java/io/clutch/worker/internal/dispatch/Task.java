package io.clutch.worker.internal.dispatch;

import io.clutch.protocol.ClutchException;
import java.time.Duration;

/**
 * One call as the dispatcher sees it. Exactly one of {@link #run} and {@link #dropped} is called,
 * but for one that is run elsewhere.
 */
public interface Task {

  /**
   * Runs it, on a function thread. Does not throw.
   *
   * @return what tells the outcome: called on the same thread when the task's place is free again,
   *     so that whoever is told finds room for the next one. Does not throw either
   */
  Runnable run();

  /**
   * It has to wait for its turn. Called before {@link #run} and {@link #dropped}, once and again
   * when it comes back from elsewhere, under the dispatcher's lock: returns at once.
   */
  default void waits() {}

  /** Whether its own time, as its caller limits it, was over {@code grace} ago; some have none. */
  default boolean isOverdue(Duration grace) {
    return false;
  }

  /** It will never run, for {@code why}. Called on the thread of whoever dropped it. */
  void dropped(ClutchException why);

  /**
   * It is running, and is asked to stop for {@code why}; its thread is interrupted next. Called at
   * most once, on the thread of whoever asks.
   */
  void cancelled(ClutchException why);
}
