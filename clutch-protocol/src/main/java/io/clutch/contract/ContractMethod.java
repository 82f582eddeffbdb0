package io.clutch.contract;

import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.Optional;

/**
 * A method of a contract: one form of a function.
 *
 * @param method the method; accessible, where that is possible
 * @param function the function's name
 * @param form how it is called
 * @param argumentType what it takes; {@link Void} for nothing
 * @param resultType what the function gives, {@link Void} for nothing; empty where it is called in
 *     the background, which doesn't say
 * @param timeout the deadline of a call; empty for the client's
 * @param isIdempotent whether the function may run twice for one call
 * @param isInline whether it runs on the network's thread
 * @param description what it does, for people; may be empty
 */
public record ContractMethod(
    Method method,
    String function,
    Form form,
    Type argumentType,
    Optional<Type> resultType,
    Optional<Duration> timeout,
    boolean isIdempotent,
    boolean isInline,
    String description) {

  /** How a method is called; of the forms of a function, a worker runs the first. */
  public enum Form {
    /** Waits for the result. */
    PLAIN,
    /** Gives a future of the result. */
    FUTURE,
    /** Returns when the call is accepted. */
    BACKGROUND,
    /** Gives a future of the acceptance. */
    BACKGROUND_FUTURE;

    /** Whether the method gives a future. */
    public boolean isFuture() {
      return this == FUTURE || this == BACKGROUND_FUTURE;
    }

    /** Whether the method returns before the function runs. */
    public boolean isBackground() {
      return this == BACKGROUND || this == BACKGROUND_FUTURE;
    }
  }
}
