package io.clutch.supervisor.internal.pool;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One thing to do. */
public sealed interface Action {

  /**
   * Start a process.
   *
   * @param replaced whom it is to take the place of, once it is ready
   */
  record Spawn(int slot, @Nullable Child replaced) implements Action {}

  /** Give the child no connections any more, and let it finish its calls. */
  record Drain(Child child, Duration atMost, String why, boolean planned) implements Action {}

  /** Have the child say in its output what its threads do. */
  record DumpThreads(Child child) implements Action {}

  /** End the child's process by force. */
  record Kill(Child child, String why) implements Action {}

  /**
   * Accept no further connections. When those that were accepted are dealt out, the pool is told
   * that the door is {@linkplain Pool#doorClosed() closed}.
   */
  record CloseDoor() implements Action {}

  /** Tell the world that the pool is ready. */
  record AnnounceReady() implements Action {}

  /** The rolling restart is over. */
  record EndRestart(@Nullable String failure) implements Action {}

  /** All is over. */
  record Exit(int code, String why) implements Action {}
}
