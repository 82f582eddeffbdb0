package io.clutch.benchmarks.load;

import org.jspecify.annotations.Nullable;

/** Is told how a call ended. */
@FunctionalInterface
public interface Done {

  /** Called once, on any thread. */
  void done(@Nullable Throwable failure);
}
