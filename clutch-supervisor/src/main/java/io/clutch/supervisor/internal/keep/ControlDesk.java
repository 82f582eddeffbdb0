package io.clutch.supervisor.internal.keep;

import io.clutch.supervisor.internal.control.ChildStream;
import io.clutch.supervisor.internal.control.ControlRequests;
import io.clutch.supervisor.internal.control.Follower;
import io.clutch.supervisor.internal.pool.Pool;
import io.clutch.supervisor.internal.pool.PoolSettings;
import io.clutch.v1.AttachRequest;
import io.clutch.v1.PoolStatus;
import io.clutch.v1.WatchResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Takes what anyone asks for, from any thread, to the pool's thread. */
final class ControlDesk implements ControlRequests {

  private static final Duration SAME_STOP = Duration.ofSeconds(1);

  private final PoolThread thread;
  private final PoolKeeper keeper;
  private final ChildDesk children;

  /** Used by the pool's thread only. */
  private @Nullable Instant firstStopSignal;

  ControlDesk(PoolThread thread, PoolKeeper keeper, ChildDesk children) {
    this.thread = thread;
    this.keeper = keeper;
    this.children = children;
  }

  @Override
  public void attach(AttachRequest.Hello hello, ChildStream stream) {
    thread.execute(() -> children.attach(hello, stream));
  }

  @Override
  public void received(ChildStream stream, AttachRequest message) {
    thread.execute(() -> children.received(stream, message));
  }

  @Override
  public void ended(ChildStream stream) {
    thread.execute(() -> children.ended(stream));
  }

  @Override
  public void status(Consumer<PoolStatus> answer) {
    thread.execute(() -> answer.accept(keeper.status()));
  }

  @Override
  public void watch(ServerCallStreamObserver<WatchResponse> watcher) {
    // Without a handler, what is sent to someone who has gone would be an error.
    watcher.setOnCancelHandler(() -> {});
    thread.execute(() -> keeper.watchers().add(watcher, keeper.status()));
  }

  @Override
  public void restart(Follower follower) {
    thread.execute(
        () -> {
          if (isServing(follower)) {
            keeper.operations().add(Operations.Kind.RESTART, follower);
            keeper.changes().restart("asked for");
          }
        });
  }

  @Override
  public void scale(int size, Follower follower) {
    thread.execute(
        () -> {
          if (isServing(follower)) {
            try {
              keeper
                  .operations()
                  .failed(
                      Operations.Kind.SCALE,
                      Status.Code.ABORTED,
                      "the pool was told to have %d children meanwhile".formatted(size));
              keeper.changes().resize(size, "asked for");
              keeper.operations().add(Operations.Kind.SCALE, follower);
            } catch (IllegalArgumentException e) {
              follower.failed(Status.Code.INVALID_ARGUMENT, String.valueOf(e.getMessage()));
            }
          }
        });
  }

  @Override
  public void stop(Follower follower) {
    thread.execute(
        () -> {
          keeper.operations().add(Operations.Kind.STOP, follower);
          keeper.leave(Pool.Goal.LEAVE, "asked for");
        });
  }

  /** A signal, or what amounts to one. */
  void signal(Signal signal) {
    thread.execute(
        () -> {
          Pool pool = keeper.pool();
          switch (signal) {
            case STOP -> stopSignal();
            case STOP_SLOWLY -> keeper.leave(Pool.Goal.LEAVE_SLOWLY, "signal USR1");
            case RESTART -> {
              if (pool.goal() == Pool.Goal.SERVE) {
                keeper.changes().restart("signal HUP");
              }
            }
            case MORE -> resize(pool.size() + 1, "signal TTIN");
            case FEWER -> resize(pool.size() - 1, "signal TTOU");
          }
        });
  }

  /** One stop may come as two signals: from a terminal and from whoever started this process. */
  private void stopSignal() {
    Instant first = firstStopSignal;
    Instant now = keeper.now();
    if (first == null) {
      firstStopSignal = now;
      keeper.leave(Pool.Goal.LEAVE, "signal");
    } else if (now.isAfter(first.plus(SAME_STOP))) {
      keeper.leave(Pool.Goal.LEAVE_NOW, "told to stop a second time");
    }
  }

  private void resize(int size, String why) {
    if (keeper.pool().goal() == Pool.Goal.SERVE && size >= 1 && size <= PoolSettings.MOST_WORKERS) {
      keeper.changes().resize(size, why);
    }
  }

  private boolean isServing(Follower follower) {
    if (keeper.pool().goal() == Pool.Goal.SERVE) {
      return true;
    }
    follower.failed(Status.Code.ABORTED, "the pool stops");
    return false;
  }
}
