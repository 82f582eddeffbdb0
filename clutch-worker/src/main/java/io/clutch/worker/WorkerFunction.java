package io.clutch.worker;

import org.jspecify.annotations.Nullable;

/**
 * A function that a worker serves. Called on several threads at the same time where the worker's
 * {@code concurrency} is more than 1.
 *
 * @param <A> its argument
 * @param <R> its result; {@link Void} where there is none
 */
@FunctionalInterface
public interface WorkerFunction<A extends @Nullable Object, R extends @Nullable Object> {

  /**
   * Runs it.
   *
   * @param argument what the caller gave; null where that was no value
   * @param call the call that this is a run of
   * @return the result; null is no value
   * @throws Exception whatever goes wrong: the caller gets its message, with the reason
   *     FUNCTION_FAILED
   */
  @Nullable R call(A argument, Call call) throws Exception;
}
