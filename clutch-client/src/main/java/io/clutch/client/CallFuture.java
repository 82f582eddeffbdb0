package io.clutch.client;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the caller of a call waits for. Tells of its end before it ends, so that all is told when
 * the caller, who may be about to end the process, goes on.
 */
final class CallFuture<T> extends CompletableFuture<@Nullable T> {

  private final Consumer<@Nullable Throwable> onEnd;
  private final AtomicBoolean ended = new AtomicBoolean();

  /**
   * @param onEnd is called once, with the failure or null
   */
  CallFuture(Consumer<@Nullable Throwable> onEnd) {
    this.onEnd = onEnd;
  }

  @Override
  public boolean complete(@Nullable T value) {
    boolean completed;
    try {
      end(null);
    } finally {
      completed = super.complete(value);
    }
    return completed;
  }

  @Override
  public boolean completeExceptionally(Throwable failure) {
    boolean completed;
    try {
      end(failure);
    } finally {
      completed = super.completeExceptionally(failure);
    }
    return completed;
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    boolean cancelled;
    try {
      end(new CancellationException());
    } finally {
      cancelled = super.cancel(mayInterruptIfRunning);
    }
    return cancelled;
  }

  private void end(@Nullable Throwable failure) {
    if (ended.compareAndSet(false, true)) {
      onEnd.accept(failure);
    }
  }
}
