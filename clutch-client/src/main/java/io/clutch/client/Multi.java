package io.clutch.client;

import com.google.common.collect.ImmutableList;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Many calls from one thread, with a bound on how many are under way.
 *
 * @param <T> the type of the results
 */
final class Multi<T> {

  private final int maxOutstanding;
  private final Semaphore free;

  Multi(int maxOutstanding) {
    this.maxOutstanding = maxOutstanding;
    this.free = new Semaphore(maxOutstanding);
  }

  /** Makes all calls with {@code send}, and waits for them. */
  <Q> List<Outcome<T>> run(
      List<Q> given, Function<? super Q, CompletableFuture<@Nullable T>> send) {
    ImmutableList<Q> requests = ImmutableList.copyOf(given);
    List<CompletableFuture<@Nullable T>> sent = new ArrayList<>(requests.size());
    try {
      for (Q request : requests) {
        free.acquire();
        CompletableFuture<@Nullable T> call = send.apply(request);
        sent.add(call);
        var unused = call.whenComplete((result, failure) -> free.release());
      }
      free.acquire(maxOutstanding);
    } catch (InterruptedException e) {
      sent.forEach(call -> call.cancel(true));
      Thread.currentThread().interrupt();
    }
    List<Outcome<T>> outcomes = new ArrayList<>(requests.size());
    sent.forEach(call -> outcomes.add(outcome(call)));
    while (outcomes.size() < requests.size()) {
      outcomes.add(interrupted());
    }
    return outcomes;
  }

  /** What became of a call that is done. */
  private static <T> Outcome<T> outcome(CompletableFuture<@Nullable T> call) {
    return call.handle(
            (result, failure) ->
                failure == null
                    ? Outcome.<T>ofResult(result)
                    : Outcome.<T>ofFailure(Futures.failure(failure)))
        .join();
  }

  private static <T> Outcome<T> interrupted() {
    return Outcome.ofFailure(
        ClutchException.notStarted(Reason.CANCELLED, "interrupted before the call was made"));
  }
}
