package io.clutch.it;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.clutch.protocol.ClutchException;
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
}
