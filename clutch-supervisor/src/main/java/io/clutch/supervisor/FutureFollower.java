package io.clutch.supervisor;

import io.clutch.supervisor.internal.control.Follower;
import io.clutch.v1.PoolEvent;
import io.grpc.Status;
import java.util.concurrent.CompletableFuture;

/** Follows an operation of this process's own pool. */
final class FutureFollower implements Follower {

  private final CompletableFuture<Void> future = new CompletableFuture<>();

  CompletableFuture<Void> future() {
    return future;
  }

  @Override
  public void event(PoolEvent event, int done, int total) {
    // Listeners are told.
  }

  @Override
  public void done() {
    // Not on the pool's thread: who waits may do anything.
    future.completeAsync(() -> null);
  }

  @Override
  public void failed(Status.Code code, String why) {
    var unused =
        CompletableFuture.runAsync(() -> future.completeExceptionally(new PoolException(why)));
  }
}
