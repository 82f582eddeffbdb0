package io.clutch.client;

import com.google.common.collect.ImmutableList;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReferenceArray;
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
    AtomicReferenceArray<@Nullable Outcome<T>> outcomes =
        new AtomicReferenceArray<>(requests.size());
    List<CompletableFuture<?>> sent = new ArrayList<>(requests.size());
    try {
      for (int i = 0; i < requests.size(); i++) {
        free.acquire();
        int index = i;
        CompletableFuture<@Nullable T> call = send.apply(requests.get(i));
        sent.add(call);
        var unused =
            call.whenComplete(
                (result, failure) -> {
                  outcomes.set(
                      index,
                      failure == null
                          ? Outcome.ofResult(result)
                          : Outcome.ofFailure(Futures.failure(failure)));
                  free.release();
                });
      }
      free.acquire(maxOutstanding);
    } catch (InterruptedException e) {
      sent.forEach(call -> call.cancel(true));
      Thread.currentThread().interrupt();
    }
    return collect(outcomes);
  }

  private List<Outcome<T>> collect(AtomicReferenceArray<@Nullable Outcome<T>> outcomes) {
    List<Outcome<T>> collected = new ArrayList<>(outcomes.length());
    for (int i = 0; i < outcomes.length(); i++) {
      Outcome<T> outcome = outcomes.get(i);
      collected.add(outcome == null ? interrupted() : outcome);
    }
    return collected;
  }

  private static <T> Outcome<T> interrupted() {
    return Outcome.ofFailure(
        ClutchException.notStarted(Reason.CANCELLED, "interrupted before the call was made"));
  }
}
