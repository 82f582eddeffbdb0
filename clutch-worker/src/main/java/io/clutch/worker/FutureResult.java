package io.clutch.worker;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** What a function gives later. */
final class FutureResult {

  private FutureResult() {}

  /**
   * Waits for the result of {@code future}; where this thread is interrupted, because nobody waits
   * for the result any more, it is cancelled.
   *
   * @throws Exception what it completed with
   */
  static @Nullable Object of(@Nullable Object future) throws Exception {
    if (!(future instanceof CompletionStage<?> stage)) {
      throw new IllegalStateException("it gave null instead of a future");
    }
    CompletableFuture<?> result = stage.toCompletableFuture();
    try {
      return result.get();
    } catch (InterruptedException e) {
      result.cancel(true);
      throw e;
    } catch (ExecutionException e) {
      throw unwrapped(e);
    }
  }

  private static Exception unwrapped(ExecutionException e) {
    Throwable cause = e.getCause();
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof Exception exception ? exception : e;
  }
}
