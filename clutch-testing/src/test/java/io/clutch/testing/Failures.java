package io.clutch.testing;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.clutch.protocol.ClutchException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What calls fail with. */
final class Failures {

  private Failures() {}

  /** The failure of {@code call}, which must fail with one. */
  static ClutchException of(ThrowingCallable call) {
    ClutchException failure = catchThrowableOfType(ClutchException.class, call);
    if (failure == null) {
      throw new AssertionError("the call did not fail");
    }
    return failure;
  }

  /** The failure of {@code call}, which must fail with one soon. */
  static ClutchException of(CompletableFuture<?> call) {
    return of(
        () -> {
          try {
            call.orTimeout(20, TimeUnit.SECONDS).join();
          } catch (CompletionException e) {
            throw e.getCause();
          }
        });
  }
}
