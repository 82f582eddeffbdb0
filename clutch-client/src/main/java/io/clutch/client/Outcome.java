package io.clutch.client;

import io.clutch.protocol.ClutchException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What became of one call among many: a result, which may be null, or a failure. Immutable.
 *
 * @param <T> the type of the result
 */
public final class Outcome<T> {

  private final @Nullable T result;
  private final @Nullable ClutchException failure;

  private Outcome(@Nullable T result, @Nullable ClutchException failure) {
    this.result = result;
    this.failure = failure;
  }

  static <T> Outcome<T> ofResult(@Nullable T result) {
    return new Outcome<>(result, null);
  }

  static <T> Outcome<T> ofFailure(ClutchException failure) {
    return new Outcome<>(null, failure);
  }

  /** Whether there is a result. */
  public boolean isSuccess() {
    return failure == null;
  }

  /**
   * The result; null where the function gave no value.
   *
   * @throws ClutchException where the call failed
   */
  public @Nullable T result() {
    if (failure != null) {
      throw failure;
    }
    return result;
  }

  /** The failure; empty where there is a result. */
  public Optional<ClutchException> failure() {
    return Optional.ofNullable(failure);
  }

  @Override
  public String toString() {
    return failure == null ? "Outcome[" + result + "]" : "Outcome[" + failure + "]";
  }
}
