package io.clutch.worker.internal.dispatch;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.Uninterruptibles;
import io.clutch.protocol.ClutchException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** A task that remembers what was done with it. */
final class TestTask implements Task {

  private enum Kind {
    /** Ends at once. */
    QUICK,
    /** Runs until it is released or interrupted. */
    BLOCKING,
    /** Runs until it is released, whatever else happens. */
    DEAF
  }

  private final Kind kind;
  private final List<ClutchException> dropped = new CopyOnWriteArrayList<>();
  private final List<ClutchException> cancelled = new CopyOnWriteArrayList<>();
  private final List<Integer> waits = new CopyOnWriteArrayList<>();
  private final List<Thread> runs = new CopyOnWriteArrayList<>();
  private final CountDownLatch started = new CountDownLatch(1);
  private final CountDownLatch release = new CountDownLatch(1);
  private final CountDownLatch interrupted = new CountDownLatch(1);

  private TestTask(Kind kind) {
    this.kind = kind;
  }

  static TestTask quick() {
    return new TestTask(Kind.QUICK);
  }

  static TestTask blocking() {
    return new TestTask(Kind.BLOCKING);
  }

  static TestTask deaf() {
    return new TestTask(Kind.DEAF);
  }

  @Override
  public void waits() {
    waits.add(runs.size());
  }

  @Override
  public Runnable run() {
    runs.add(Thread.currentThread());
    started.countDown();
    switch (kind) {
      case QUICK -> {}
      case DEAF -> Uninterruptibles.awaitUninterruptibly(release);
      case BLOCKING -> {
        try {
          release.await();
        } catch (InterruptedException e) {
          interrupted.countDown();
        }
      }
    }
    return () -> {};
  }

  @Override
  public void dropped(ClutchException why) {
    dropped.add(why);
  }

  @Override
  public void cancelled(ClutchException why) {
    cancelled.add(why);
  }

  void release() {
    release.countDown();
  }

  /** Waits until it runs. */
  TestTask awaitStarted() {
    await(started);
    return this;
  }

  /** Waits until it was interrupted. */
  void awaitInterrupted() {
    await(interrupted);
  }

  boolean wasInterrupted() {
    return interrupted.getCount() == 0;
  }

  int runs() {
    return runs.size();
  }

  /** How often it had run whenever it was told to wait. */
  List<Integer> toldToWait() {
    return waits;
  }

  List<ClutchException> dropped() {
    return dropped;
  }

  List<ClutchException> cancelled() {
    return cancelled;
  }

  private static void await(CountDownLatch latch) {
    assertThat(Uninterruptibles.awaitUninterruptibly(latch, 10, SECONDS)).isTrue();
  }
}
