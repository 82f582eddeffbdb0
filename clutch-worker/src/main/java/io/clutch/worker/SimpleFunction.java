package io.clutch.worker;

import org.jspecify.annotations.Nullable;

/**
 * A {@link WorkerFunction} that does not look at its {@link Call}.
 *
 * @param <A> its argument
 * @param <R> its result
 */
@FunctionalInterface
public interface SimpleFunction<A extends @Nullable Object, R extends @Nullable Object> {

  /** Runs it, like {@link WorkerFunction#call}. */
  @Nullable R call(A argument) throws Exception;
}
