package io.clutch.worker;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Is run around each run of a function, on the same thread: of calls, background calls and
 * cascades, when the argument is converted and before the result is.
 *
 * <pre>{@code
 * worker.intercept(
 *     (call, next) -> {
 *       MDC.put("call", call.id());
 *       try {
 *         return next.call();
 *       } finally {
 *         MDC.remove("call");
 *       }
 *     });
 * }</pre>
 *
 * <p>Called on several threads at the same time.
 */
@FunctionalInterface
public interface FunctionInterceptor {

  /**
   * Runs the function, or doesn't.
   *
   * @param next runs what is further inside: the next interceptor, in the end the function
   * @return the result of the call, as a rule that of {@code next}
   * @throws Exception what the call fails with, as if the function had thrown it
   */
  @Nullable Object run(Call call, Callable<? extends @Nullable Object> next) throws Exception;
}
