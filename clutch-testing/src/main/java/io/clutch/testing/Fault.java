package io.clutch.testing;

import io.clutch.protocol.ClutchException;
import java.time.Duration;

/** Something that goes wrong with one call. */
sealed interface Fault {

  /** Whether it happens while the function runs, rather than when the request comes. */
  default boolean happensInTheRun() {
    return false;
  }

  /** The request is held back for so long. */
  record Delay(Duration duration) implements Fault {}

  /** The request is swallowed. */
  record Drop() implements Fault {}

  /** The answer is swallowed. */
  record DropAnswer() implements Fault {}

  /** The worker does not take the call. */
  record Refuse(ClutchException why) implements Fault {}

  /** The worker is lost. */
  record Kill() implements Fault {
    @Override
    public boolean happensInTheRun() {
      return true;
    }
  }

  /** The function throws instead of running. */
  record Fail(Exception thrown) implements Fault {
    @Override
    public boolean happensInTheRun() {
      return true;
    }
  }
}
