package io.clutch.supervisor.internal.keep;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that owns the pool. Everything that happens is posted to it as an event; after the
 * events that are there it looks what is to be done, and sleeps until the next event or until the
 * time that it was told.
 */
final class PoolThread implements Executor {

  private static final Logger log = LoggerFactory.getLogger(PoolThread.class);

  private static final Duration LONGEST_SLEEP = Duration.ofHours(1);

  private final BlockingQueue<Runnable> events = new LinkedBlockingQueue<>();
  private final InstantSource clock;

  /** Written by the thread itself only. */
  private boolean ended;

  PoolThread(InstantSource clock) {
    this.clock = clock;
  }

  /** Posts an event. From any thread. */
  @Override
  public void execute(Runnable event) {
    events.add(event);
  }

  /** Makes the current event the last one. From the thread itself. */
  void end() {
    ended = true;
  }

  /**
   * Starts it.
   *
   * @param lookAround does what is to be done; says when to be called again though nothing happens
   */
  void start(Supplier<@Nullable Instant> lookAround) {
    Thread thread = new Thread(() -> run(lookAround), "clutch-pool");
    thread.setDaemon(true);
    thread.start();
  }

  private void run(Supplier<@Nullable Instant> lookAround) {
    Instant wakeUp = clock.instant();
    while (!ended) {
      Runnable event = next(wakeUp);
      while (event != null && !ended) {
        attempt(event);
        event = events.poll();
      }
      if (!ended) {
        wakeUp = attempt(lookAround);
      }
    }
  }

  private @Nullable Runnable next(@Nullable Instant wakeUp) {
    Duration sleep =
        wakeUp == null ? LONGEST_SLEEP : Duration.between(clock.instant(), wakeUp).plusMillis(1);
    try {
      return events.poll(Math.max(0, sleep.toMillis()), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      // Nobody has a reason to: the pool is ended by an event.
      return null;
    }
  }

  /** A defect in one event must not end the supervision of all children. */
  private static void attempt(Runnable event) {
    try {
      event.run();
    } catch (RuntimeException | Error defect) {
      log.error("the supervisor met a defect", defect);
    }
  }

  private @Nullable Instant attempt(Supplier<@Nullable Instant> lookAround) {
    try {
      return lookAround.get();
    } catch (RuntimeException | Error defect) {
      log.error("the supervisor met a defect", defect);
      return clock.instant().plusSeconds(1);
    }
  }
}
