package io.clutch.client.internal.stream;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads for what callers want to have run when their calls end. One takes all tasks, in order, so
 * that many cost one hand-over; where one task holds it up for 5 ms, another thread takes the rest.
 * There are as many threads as that needs, daemons, which end when idle. Thread-safe.
 */
public final class CallerThreads implements Executor {

  private static final Logger log = LoggerFactory.getLogger(CallerThreads.class);

  private static final Duration PATIENCE = Duration.ofMillis(5);
  private static final Duration IDLE = Duration.ofMinutes(1);

  /** For so many looks at nothing a watcher stays awake: to wake it for each task costs more. */
  private static final int QUIET_LOOKS = 100;

  private final Duration idle;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

  /** Takes the tasks. Written under the lock. */
  private volatile @Nullable Member leader;

  /** Looks whether the leader goes on. Written under the lock. */
  private volatile @Nullable Member watcher;

  @GuardedBy("this")
  private final ArrayDeque<Member> resting = new ArrayDeque<>();

  @GuardedBy("this")
  private int made;

  /** None yet. */
  public CallerThreads() {
    this(IDLE);
  }

  CallerThreads(Duration idle) {
    this.idle = idle;
  }

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
    lead();
  }

  /** Runs all of them, in order as far as none holds up the others. */
  public void execute(Collection<? extends Runnable> batch) {
    if (!batch.isEmpty()) {
      tasks.addAll(batch);
      lead();
    }
  }

  /** How many threads there are. */
  synchronized int size() {
    return (leader == null ? 0 : 1) + (watcher == null ? 0 : 1) + resting.size();
  }

  private void lead() {
    if (leader != null) {
      return;
    }
    Member called;
    synchronized (this) {
      if (leader != null) {
        return;
      }
      called = call();
      leader = called;
    }
    called.wake();
  }

  private void watch() {
    if (watcher != null) {
      return;
    }
    Member called;
    synchronized (this) {
      if (watcher != null) {
        return;
      }
      called = call();
      watcher = called;
    }
    called.wake();
  }

  @GuardedBy("this")
  private Member call() {
    Member rested = resting.pollFirst();
    return rested == null ? new Member(++made) : rested;
  }

  private final class Member implements Runnable {
    private final Thread thread;
    private final AtomicLong taken = new AtomicLong();

    Member(int number) {
      // Callers' thread locals are none of its business.
      thread = new Thread(null, this, "clutch-client-callers-" + number, 0, false);
      thread.setDaemon(true);
    }

    /** Starts it, or lets it go on. */
    void wake() {
      if (thread.getState() == Thread.State.NEW) {
        thread.start();
      } else {
        LockSupport.unpark(thread);
      }
    }

    @Override
    public void run() {
      do {
        if (leader == this) {
          watch();
          takeTasks();
        } else if (watcher == this) {
          lookAfterLeader();
        }
      } while (rest());
    }

    private void takeTasks() {
      long count = taken.get();
      while (leader == this) {
        Runnable task = tasks.poll();
        if (task == null) {
          resign();
        } else {
          taken.lazySet(++count);
          run(task);
        }
      }
    }

    private void resign() {
      synchronized (CallerThreads.this) {
        if (leader != this) {
          return;
        }
        leader = null;
        if (!tasks.isEmpty()) {
          // It came before the others could see that they must call somebody.
          leader = this;
        }
      }
    }

    private void run(Runnable task) {
      try {
        task.run();
      } catch (Throwable e) {
        // The top of the thread.
        log.error("what was to be done at the end of a call failed", e);
      }
    }

    private void lookAfterLeader() {
      Member seen = null;
      long count = 0;
      int quiet = 0;
      while (watcher == this) {
        LockSupport.parkNanos(PATIENCE.toNanos());
        Member now = leader;
        quiet = now == null ? quiet + 1 : 0;
        if (now == null) {
          seen = null;
          stopLooking(quiet);
        } else if (now == seen && now.taken.get() == count && !tasks.isEmpty()) {
          takeOver(now);
        } else {
          seen = now;
          count = now.taken.get();
        }
      }
    }

    private void stopLooking(int quiet) {
      if (quiet >= QUIET_LOOKS) {
        synchronized (CallerThreads.this) {
          if (leader == null) {
            watcher = null;
          }
        }
      }
    }

    private void takeOver(Member stuck) {
      synchronized (CallerThreads.this) {
        if (leader == stuck) {
          leader = this;
          watcher = null;
        }
      }
    }

    /** Waits to be called; false where it is not, and is to end. */
    private boolean rest() {
      long end = System.nanoTime() + idle.toNanos();
      for (long left = idle.toNanos(); left > 0; left = end - System.nanoTime()) {
        synchronized (CallerThreads.this) {
          if (hasRole()) {
            return true;
          }
          // Another one may have taken what it was called for.
          if (!resting.contains(this)) {
            resting.addFirst(this);
          }
        }
        LockSupport.parkNanos(CallerThreads.this, left);
      }
      synchronized (CallerThreads.this) {
        // Whoever is called is taken out.
        return !resting.remove(this);
      }
    }

    private boolean hasRole() {
      return leader == this || watcher == this;
    }
  }

  /** What waits to be run. */
  ImmutableList<Runnable> waiting() {
    return ImmutableList.copyOf(tasks);
  }
}
