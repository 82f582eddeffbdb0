package io.clutch.worker.internal.dispatch;

import com.google.common.base.Ticker;
import com.google.common.util.concurrent.ForwardingFuture;
import com.google.common.util.concurrent.Futures;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Time that passes by hand: a clock and a timer over it. What is due runs in {@link #advance}, on
 * the thread that calls it, each task at exactly its time.
 */
final class ManualTime extends AbstractExecutorService implements ScheduledExecutorService {

  private record Timer(long dueNanos, Runnable command) {}

  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>(Comparator.comparingLong(Timer::dueNanos));
  // Not from 0: whoever compares absolute times instead of differences shall notice.
  private long nowNanos = Long.MAX_VALUE - 1_000;
  private boolean shutdown;

  Ticker ticker() {
    return new Ticker() {
      @Override
      public long read() {
        synchronized (ManualTime.this) {
          return nowNanos;
        }
      }
    };
  }

  void advance(Duration duration) {
    long left = duration.toNanos();
    while (true) {
      Timer due;
      synchronized (this) {
        due = timers.peek();
        long untilDue = due == null ? Long.MAX_VALUE : due.dueNanos() - nowNanos;
        if (due == null || untilDue > left) {
          nowNanos += left;
          return;
        }
        timers.remove();
        nowNanos += Math.max(0, untilDue);
        left -= Math.max(0, untilDue);
      }
      due.command().run();
    }
  }

  @Override
  public synchronized ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
    if (shutdown) {
      throw new RejectedExecutionException("the timer is shut down");
    }
    timers.add(new Timer(nowNanos + unit.toNanos(delay), command));
    return new Unused();
  }

  @Override
  public synchronized void shutdown() {
    shutdown = true;
  }

  @Override
  public List<Runnable> shutdownNow() {
    shutdown();
    return List.of();
  }

  @Override
  public synchronized boolean isShutdown() {
    return shutdown;
  }

  @Override
  public boolean isTerminated() {
    return isShutdown();
  }

  @Override
  public boolean awaitTermination(long timeout, TimeUnit unit) {
    return isShutdown();
  }

  @Override
  public void execute(Runnable command) {
    throw new UnsupportedOperationException();
  }

  @Override
  public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public ScheduledFuture<?> scheduleAtFixedRate(
      Runnable command, long initialDelay, long period, TimeUnit unit) {
    throw new UnsupportedOperationException();
  }

  @Override
  public ScheduledFuture<?> scheduleWithFixedDelay(
      Runnable command, long initialDelay, long delay, TimeUnit unit) {
    throw new UnsupportedOperationException();
  }

  private static final class Unused extends ForwardingFuture<Object>
      implements ScheduledFuture<Object> {

    @Override
    protected Future<Object> delegate() {
      return Futures.immediateCancelledFuture();
    }

    @Override
    public long getDelay(TimeUnit unit) {
      throw new UnsupportedOperationException();
    }

    @Override
    public int compareTo(Delayed other) {
      throw new UnsupportedOperationException();
    }
  }
}
