package io.clutch.worker.internal.telemetry;

import io.clutch.protocol.ClutchException;
import org.jspecify.annotations.Nullable;

/** What is told of one call, from its arrival to its one outcome. Thread-safe. */
public interface CallRecord {

  /** Tells nothing. */
  CallRecord NONE = new NoTelemetry.Call();

  /** It has to wait for its turn. Returns at once, for a lock of the dispatcher's may be held. */
  void waits();

  /** A function is entered on this thread: what it does belongs to this call. */
  FunctionRecord enters(String function);

  /** A function calls another one on this thread. */
  FunctionRecord cascades(String function);

  /** It came from a sibling, which counts it as a call, too. Called before anything else. */
  void fromSibling();

  /**
   * A sibling is to run it: it waits here no more. Where it comes back, it {@link #waits} again.
   */
  void handedOver();

  /**
   * The outcome is known. Called once.
   *
   * @param failure null where there is a result
   */
  void ended(@Nullable ClutchException failure);

  /** It went back to its caller, who has it run elsewhere. Called instead of {@link #ended}. */
  void returned();

  /** What is told of one run of one function. Owned by the thread that runs it. */
  interface FunctionRecord {
    /**
     * It is left, on the thread that entered it. Called once.
     *
     * @param failure null where there is a result
     */
    void left(@Nullable ClutchException failure);
  }
}
