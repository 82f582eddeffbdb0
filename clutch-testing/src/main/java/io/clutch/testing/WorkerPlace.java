package io.clutch.testing;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import com.google.common.util.concurrent.Uninterruptibles;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where one worker serves, and where a new one takes over when it is lost. Thread-safe. */
final class WorkerPlace implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(TestWorker.class);

  private final Function<UnderWay, InProcessWorker> starter;
  private final @Nullable TestClock clock;

  /** Replaces workers, for a function's thread is interrupted when its worker is lost. */
  private final ExecutorService replacer =
      Executors.newSingleThreadExecutor(
          new ThreadFactoryBuilder().setNameFormat("clutch-test-worker").setDaemon(true).build());

  /** Written by the replacer, but for the first one. */
  private volatile InProcessWorker current;

  /**
   * Starts the first worker.
   *
   * @param starter starts a worker that counts what is under way as given
   * @param clock in whose time calls are sent again; null in the system's
   */
  WorkerPlace(Function<UnderWay, InProcessWorker> starter, @Nullable TestClock clock) {
    this.starter = starter;
    this.clock = clock;
    try {
      this.current = starter.apply(new UnderWay());
    } catch (RuntimeException e) {
      replacer.shutdownNow();
      throw e;
    }
  }

  /** Loses the worker that counts in {@code underWay}, if it is not lost yet; a new one serves. */
  void lose(UnderWay underWay) {
    onReplacer(
        () -> {
          if (current.underWay() == underWay) {
            replace();
          }
        });
  }

  /** Loses the worker; a new one serves. */
  void lose() {
    onReplacer(this::replace);
  }

  private void replace() {
    if (clock == null) {
      succeed();
      return;
    }
    // Pauses of the client take no time: a call would use its own up while nobody serves.
    clock.hold();
    try {
      succeed();
    } finally {
      clock.release();
    }
  }

  private void succeed() {
    InProcessWorker lost = current;
    lost.leave();
    try {
      // Before the callers of the lost one know, who may send their calls again.
      current = starter.apply(new UnderWay());
    } finally {
      lost.breakConnections();
      lost.end();
    }
  }

  /** Waits until nothing is under way; false where that takes longer. */
  boolean awaitQuiet(Duration atMost) {
    try {
      return current.underWay().awaitNone(atMost);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Breaks the connections: every call ends now. */
  void breakConnections() {
    onReplacer(() -> current.breakConnections());
  }

  @Override
  public void close() {
    onReplacer(
        () -> {
          current.breakConnections();
          current.end();
        });
    replacer.shutdown();
  }

  private void onReplacer(Runnable task) {
    try {
      Uninterruptibles.getUninterruptibly(replacer.submit(task));
    } catch (RejectedExecutionException e) {
      log.debug("closed before: there is no worker to replace", e);
    } catch (ExecutionException e) {
      log.error("no worker takes the place of the one that was lost", e.getCause());
      throw new IllegalStateException(
          "no worker takes the place of the one that was lost: " + e.getCause(), e.getCause());
    }
  }
}
