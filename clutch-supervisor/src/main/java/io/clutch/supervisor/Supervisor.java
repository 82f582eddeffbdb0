package io.clutch.supervisor;

import static com.google.common.base.Preconditions.checkState;

import com.google.common.collect.ImmutableList;
import io.clutch.supervisor.internal.control.Follower;
import io.clutch.supervisor.internal.keep.RunningPool;
import io.clutch.supervisor.internal.keep.Signal;
import io.clutch.v1.PoolStatus;
import io.grpc.Status;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Keeps a pool of worker processes behind one port: starts them, hands each of them its share of
 * the connections, replaces them when they crash, hang, leak or are to be renewed.
 *
 * <pre>{@code
 * try (Supervisor supervisor =
 *     Supervisor.builder()
 *         .address("127.0.0.1:9501")
 *         .maxWorkers(4)
 *         .command("java", "-cp", "app.jar", "com.example.Jobs")
 *         .start()) {
 *   supervisor.restart().join();
 * }
 * }</pre>
 *
 * <p>The command is a program that builds a {@code Worker} and calls its {@code run()}; it runs
 * alone or supervised without a change. Linux only, see {@link SupervisorPlatform}. Thread-safe.
 */
public final class Supervisor implements AutoCloseable {

  /** The exit code where no child ever became ready. */
  public static final int EXIT_NEVER_READY = 1;

  /** The exit code at a second TERM or INT. */
  public static final int EXIT_STOPPED_AT_ONCE = 143;

  private final RunningPool pool;

  Supervisor(RunningPool pool) {
    this.pool = pool;
  }

  /** Starts to describe a supervisor. */
  public static SupervisorBuilder builder() {
    return new SupervisorBuilder();
  }

  /**
   * Where the pool listens, with the real ports: {@code host:port}, or the path of an inherited
   * Unix-domain socket.
   */
  public ImmutableList<String> addresses() {
    return pool.addresses();
  }

  /**
   * How the pool is now.
   *
   * @throws IllegalStateException where it has ended
   */
  public PoolStatus status() {
    CompletableFuture<PoolStatus> status = new CompletableFuture<>();
    pool.requests().status(status::complete);
    CompletableFuture.anyOf(status, pool.exitCode()).join();
    checkState(status.isDone(), "the pool has ended");
    return status.join();
  }

  /**
   * Replaces every child by a new one, one after another; the new one is ready before the old one
   * drains.
   *
   * @return completes when all are replaced, or exceptionally with {@link PoolException} where a
   *     new child did not become ready: the old ones that are left stay
   */
  public CompletableFuture<Void> restart() {
    return follow(pool.requests()::restart);
  }

  /**
   * Sets the number of children.
   *
   * @param maxWorkers 1 or more
   * @return completes when so many are ready and no more, or exceptionally with {@link
   *     PoolException}
   */
  public CompletableFuture<Void> scale(int maxWorkers) {
    return follow(follower -> pool.requests().scale(maxWorkers, follower));
  }

  private CompletableFuture<Void> follow(Consumer<Follower> operation) {
    FutureFollower follower = new FutureFollower();
    operation.accept(follower);
    // Has no effect where it was told how it went.
    var unused =
        CompletableFuture.anyOf(follower.future(), pool.exitCode())
            .whenComplete(
                (end, failure) -> follower.failed(Status.Code.ABORTED, "the pool has ended"));
    return follower.future();
  }

  /**
   * Drains all children and ends.
   *
   * @return completes with the exit code when all is over
   */
  public CompletableFuture<Integer> stop() {
    pool.requests().stop(new FutureFollower());
    return exitCode();
  }

  /**
   * Completes when all is over: with 0 where it was stopped, {@value #EXIT_NEVER_READY} where no
   * child ever became ready, {@value #EXIT_STOPPED_AT_ONCE} where it was told to stop at once.
   */
  public CompletableFuture<Integer> exitCode() {
    return pool.exitCode().copy();
  }

  /** {@link #stop()}, and waits for the end. */
  @Override
  public void close() {
    int unused = stop().join();
  }

  void signal(Signal signal) {
    pool.signal(signal);
  }

  static Supervisor start(RunningPool.Setup setup, SupervisorBuilder builder) throws IOException {
    return new Supervisor(
        RunningPool.start(setup, builder.settings(), new ListenerThread(builder.listeners())));
  }
}
