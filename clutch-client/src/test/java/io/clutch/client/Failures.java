package io.clutch.client;

import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.clutch.protocol.ClutchException;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What calls fail with. */
final class Failures {

  private Failures() {}

  /** The failure of {@code call}, which must fail with one. */
  static ClutchException of(ThrowingCallable call) {
    ClutchException failure = catchThrowableOfType(ClutchException.class, call);
    if (failure == null) {
      throw new AssertionError("the call did not fail with a ClutchException");
    }
    return failure;
  }

  /** The first failure of {@code call} that says {@code text}: the very first may know less. */
  static ClutchException saying(String text, ThrowingCallable call) {
    return await()
        .atMost(Duration.ofSeconds(40))
        .pollInSameThread()
        .until(() -> of(call), failure -> String.valueOf(failure.getMessage()).contains(text));
  }
}
