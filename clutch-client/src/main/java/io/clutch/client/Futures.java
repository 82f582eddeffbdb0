package io.clutch.client;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Calls under way, seen from the thread that waits for them. */
final class Futures {

  private Futures() {}

  /**
   * Waits for a call; cancels it where this thread is interrupted.
   *
   * @throws ClutchException the call's failure, with this thread's stack
   */
  static <T> @Nullable T await(CompletableFuture<@Nullable T> call) {
    try {
      return call.get();
    } catch (InterruptedException e) {
      call.cancel(true);
      Thread.currentThread().interrupt();
      throw ClutchException.builder(
              Reason.CANCELLED, Started.UNKNOWN, "interrupted while waiting for the result")
          .cause(e)
          .build();
    } catch (ExecutionException e) {
      ClutchException failure = failure(e);
      throw failure.restated(failure.started(), String.valueOf(failure.getMessage()));
    }
  }

  /** The failure that a call ended with. */
  static ClutchException failure(Throwable thrown) {
    Throwable cause =
        thrown instanceof CompletionException || thrown instanceof ExecutionException
            ? thrown.getCause()
            : thrown;
    if (cause instanceof ClutchException failure) {
      return failure;
    }
    if (cause instanceof CancellationException) {
      return ClutchException.builder(Reason.CANCELLED, Started.UNKNOWN, "the call was cancelled")
          .cause(cause)
          .build();
    }
    return ClutchException.builder(Reason.INTERNAL, Started.UNKNOWN, String.valueOf(cause))
        .cause(cause == null ? thrown : cause)
        .build();
  }
}
