package io.clutch.client;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the caller of a call waits for. Tells of its end before it ends, so that all is told when
 * the caller, who may be about to end the process, goes on.
 */
final class CallFuture<T> extends CompletableFuture<@Nullable T> {

  @SuppressWarnings("rawtypes") // there are no others
  private static final AtomicIntegerFieldUpdater<CallFuture> ENDED =
      AtomicIntegerFieldUpdater.newUpdater(CallFuture.class, "ended");

  private final Consumer<@Nullable Throwable> onEnd;
  private final Runnable onCancel;

  @SuppressWarnings("UnusedVariable") // by its updater
  private volatile int ended;

  /**
   * @param onEnd is called once, with the failure or null
   */
  CallFuture(Consumer<@Nullable Throwable> onEnd) {
    this(onEnd, () -> {});
  }

  /**
   * @param onEnd is called once, with the failure or null
   * @param onCancel is called when it has been cancelled
   */
  CallFuture(Consumer<@Nullable Throwable> onEnd, Runnable onCancel) {
    this.onEnd = onEnd;
    this.onCancel = onCancel;
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
    if (completed && failure instanceof CancellationException) {
      onCancel.run();
    }
    return completed;
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    boolean isFirst = !isDone();
    boolean cancelled;
    try {
      end(new CancellationException());
    } finally {
      cancelled = super.cancel(mayInterruptIfRunning);
    }
    if (isFirst && cancelled) {
      onCancel.run();
    }
    return cancelled;
  }

  private void end(@Nullable Throwable failure) {
    if (ENDED.compareAndSet(this, 0, 1)) {
      onEnd.accept(failure);
    }
  }
}
