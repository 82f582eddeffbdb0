package io.clutch.worker.internal.siblings;

import org.jspecify.annotations.Nullable;

/** The calls that wait here and may be handed over. Thread-safe. */
public interface WaitingCalls {

  /** How many of them it is worth while to hand over. */
  int count();

  /** Takes the one that has waited longest; null where none waits any more. */
  @Nullable HandedCall take();
}
