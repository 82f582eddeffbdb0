package io.clutch.supervisor;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.clutch.process.UnixSockets;
import io.clutch.supervisor.internal.control.ControlPath;
import io.clutch.v1.PoolEvent;
import io.clutch.v1.PoolGrpc;
import io.clutch.v1.PoolStatus;
import io.clutch.v1.RestartRequest;
import io.clutch.v1.RestartResponse;
import io.clutch.v1.ScaleRequest;
import io.clutch.v1.ScaleResponse;
import io.clutch.v1.StatusRequest;
import io.clutch.v1.StopRequest;
import io.clutch.v1.StopResponse;
import io.clutch.v1.WatchRequest;
import io.clutch.v1.WatchResponse;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Controls a supervisor in another process, over its control socket. Operations block until they
 * are done. Thread-safe.
 *
 * <p>Every operation throws {@link IOException} where the supervisor cannot be reached or is lost,
 * and {@link PoolException} where the operation failed.
 */
public final class PoolControl implements AutoCloseable {

  private static final long STATUS_SECONDS = 10;

  private final Path path;
  private final EventLoopGroup loops;
  private final ManagedChannel channel;

  private PoolControl(Path path, EventLoopGroup loops, ManagedChannel channel) {
    this.path = path;
    this.loops = loops;
    this.channel = channel;
  }

  /**
   * Control over the supervisor at a path.
   *
   * @param path null is where a supervisor's control socket is unless it was told otherwise
   * @throws IOException where there is none
   * @throws UnsupportedOperationException where supervision does not work on this platform
   */
  public static PoolControl connect(@Nullable Path path) throws IOException {
    SupervisorPlatform.check();
    Path control = path == null ? ControlPath.standard() : path;
    if (!Files.exists(control)) {
      throw new IOException("there is no supervisor at '%s'".formatted(control));
    }
    EventLoopGroup loops = UnixSockets.eventLoops("clutch-control", 1);
    return new PoolControl(control, loops, UnixSockets.channel(control.toRealPath(), loops));
  }

  /** How the pool is now. */
  public PoolStatus status() throws IOException {
    return ask(
        () ->
            PoolGrpc.newBlockingStub(channel)
                .withDeadlineAfter(STATUS_SECONDS, TimeUnit.SECONDS)
                .status(StatusRequest.getDefaultInstance())
                .getPool());
  }

  /**
   * Shows how the pool is, whenever something happens and every second, until the supervisor ends.
   */
  public void watch(Consumer<WatchResponse> watcher) throws IOException {
    watchWhile(
        now -> {
          watcher.accept(now);
          return true;
        });
  }

  /** {@link #watch} until the watcher says false, or the supervisor ends. */
  public void watchWhile(Predicate<WatchResponse> watcher) throws IOException {
    Context.CancellableContext watching = Context.current().withCancellation();
    Context previous = watching.attach();
    try {
      ask(
          () -> {
            Iterator<WatchResponse> news =
                PoolGrpc.newBlockingStub(channel).watch(WatchRequest.getDefaultInstance());
            boolean goesOn = true;
            while (goesOn && news.hasNext()) {
              goesOn = watcher.test(news.next());
            }
            return goesOn;
          });
    } finally {
      watching.detach(previous);
      watching.cancel(null);
    }
  }

  /** Replaces all children, one after another; {@code progress} is told of each step. */
  public void restart(Consumer<RestartResponse> progress) throws IOException {
    follow(stub -> stub.restart(RestartRequest.getDefaultInstance()), progress);
  }

  /** Sets the number of children; waits until so many are ready and no more. */
  public void scale(int maxWorkers, Consumer<PoolEvent> progress) throws IOException {
    follow(
        stub -> stub.scale(ScaleRequest.newBuilder().setMaxWorkers(maxWorkers).build()),
        (ScaleResponse response) -> progress.accept(response.getEvent()));
  }

  /** Drains all children and ends the supervisor; waits until the children are gone. */
  public void stop(Consumer<PoolEvent> progress) throws IOException {
    follow(
        stub -> stub.stop(StopRequest.getDefaultInstance()),
        (StopResponse response) -> progress.accept(response.getEvent()));
  }

  private <R> void follow(
      Function<PoolGrpc.PoolBlockingStub, Iterator<R>> call, Consumer<R> progress)
      throws IOException {
    ask(
        () -> {
          call.apply(PoolGrpc.newBlockingStub(channel)).forEachRemaining(progress);
          return path;
        });
  }

  @CanIgnoreReturnValue
  private <R> R ask(Supplier<R> call) throws IOException {
    try {
      return call.get();
    } catch (StatusRuntimeException e) {
      Status status = e.getStatus();
      String why = status.getDescription() == null ? status.toString() : status.getDescription();
      // These the supervisor itself never answers.
      boolean isLost =
          switch (status.getCode()) {
            case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED -> true;
            default -> false;
          };
      if (isLost) {
        throw new IOException("the supervisor at '%s' does not answer: %s".formatted(path, why), e);
      }
      throw new PoolException(requireNonNull(why), e);
    }
  }

  @Override
  public void close() {
    channel.shutdownNow();
    UnixSockets.stop(loops);
  }
}
