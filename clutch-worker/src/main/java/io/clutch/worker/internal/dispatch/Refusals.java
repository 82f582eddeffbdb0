package io.clutch.worker.internal.dispatch;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import java.time.Duration;

/** What callers are told whose task is not taken, or will not run. */
final class Refusals {

  static final String NO_THREAD = "the worker has no thread to run the function on";

  static final String STOPPED_BEFORE_ITS_TURN =
      "the worker stopped before the function's turn came";

  /** What a caller is asked to wait before it tries again. */
  private static final Duration RETRY_DELAY = Duration.ofMillis(50);

  private Refusals() {}

  static ClutchException queueFull(Dispatcher.Limits limits) {
    return refusal(
        Reason.QUEUE_FULL,
        "%d calls run and %d wait; there is no room for another"
            .formatted(limits.concurrency(), limits.queueCapacity()));
  }

  static ClutchException noThread() {
    return refusal(Reason.UNAVAILABLE, NO_THREAD);
  }

  static ClutchException draining() {
    return refusal(Reason.DRAINING, "the worker is about to stop");
  }

  private static ClutchException refusal(Reason reason, String message) {
    return ClutchException.builder(reason, Started.NO, message).retryDelay(RETRY_DELAY).build();
  }
}
