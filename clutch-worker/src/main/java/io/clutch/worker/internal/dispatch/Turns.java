package io.clutch.worker.internal.dispatch;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.clutch.protocol.ClutchException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Which tasks run, wait and are away, and whether more are taken. Each method is one step under one
 * lock, and says what is to be done about it; only {@link Task#waits} is called under the lock.
 * Thread-safe.
 */
final class Turns {

  /** What is to be done with a task. */
  enum Next {
    /** It has a place, and is to be started. */
    START,

    /** It waits for its turn. */
    WAIT,

    /** There is no room for it. */
    NO_ROOM,

    /** Nothing is begun any more. */
    TOO_LATE,

    /** It is over. */
    NOTHING
  }

  /**
   * What has come of a task that wants its turn.
   *
   * @param isLast whether no further task is taken
   * @param movable how many wait that may be run elsewhere, where this is one more; else 0
   */
  record Turn(Next next, boolean isLast, int movable) {
    private static final Turn START = new Turn(Next.START, false, 0);
    private static final Turn START_LAST = new Turn(Next.START, true, 0);
    private static final Turn WAIT = new Turn(Next.WAIT, false, 0);
    private static final Turn NO_ROOM = new Turn(Next.NO_ROOM, false, 0);
    private static final Turn TOO_LATE = new Turn(Next.TOO_LATE, false, 0);
    private static final Turn NOTHING = new Turn(Next.NOTHING, false, 0);

    private static Turn waits(boolean isLast, int movable) {
      return isLast || movable > 0 ? new Turn(Next.WAIT, isLast, movable) : WAIT;
    }
  }

  /** What was there when the end came. */
  record Left(List<Ticket> waiting, List<Ticket> started) {}

  private final Dispatcher.Limits limits;
  private final RunningTasks running;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition idle = lock.newCondition();

  @GuardedBy("lock")
  private final WaitingLine queue = new WaitingLine();

  /** Those that run elsewhere. */
  @GuardedBy("lock")
  private final Set<Ticket> away = new LinkedHashSet<>();

  /** Function threads that run a task or are about to. */
  @GuardedBy("lock")
  private int busy;

  /** Those, and the threads that have still to tell the outcome of their last task. */
  @GuardedBy("lock")
  private int atWork;

  /** Tasks taken so far, but for those that were dropped before their turn. */
  @GuardedBy("lock")
  private long taken;

  /** Tasks whose run is over. */
  @GuardedBy("lock")
  private long ended;

  /** Whether nothing is taken any more. */
  @GuardedBy("lock")
  private boolean closed;

  /** Whether nothing is begun any more either. */
  @GuardedBy("lock")
  private boolean stopped;

  Turns(Dispatcher.Limits limits, RunningTasks running) {
    this.limits = limits;
    this.running = running;
  }

  // Tasks come.

  /**
   * Takes a task where a place is free, or where fewer than {@code room} wait.
   *
   * @throws ClutchException DRAINING; it is not taken
   */
  Turn take(Ticket ticket, int room) {
    lock.lock();
    try {
      if (closed) {
        throw Refusals.draining();
      }
      if (occupy()) {
        return countTaken() ? Turn.START_LAST : Turn.START;
      }
      if (queue.size() >= room) {
        return Turn.NO_ROOM;
      }
      ticket.task().waits();
      queue.addLast(ticket);
      return Turn.waits(countTaken(), ticket.isMovable() ? queue.movable() : 0);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes a task that needs no place.
   *
   * @return whether it is the last one
   * @throws ClutchException DRAINING; it is not taken
   */
  boolean enter() {
    lock.lock();
    try {
      if (closed) {
        throw Refusals.draining();
      }
      return countTaken();
    } finally {
      lock.unlock();
    }
  }

  /** Takes a place for a task; false where none is free. */
  @GuardedBy("lock")
  private boolean occupy() {
    if (busy == limits.concurrency()) {
      return false;
    }
    busy++;
    atWork++;
    return true;
  }

  /** Whether that was the last one. */
  @GuardedBy("lock")
  private boolean countTaken() {
    taken++;
    if (taken == limits.maxTasks()) {
      closed = true;
      return true;
    }
    return false;
  }

  /** A task that was taken will not run. */
  void uncount() {
    lock.lock();
    try {
      // Its place may go to another task, unless it was told already that there are no more.
      if (!closed) {
        taken--;
      }
    } finally {
      lock.unlock();
    }
  }

  // Tasks run.

  /** Starts its time; false where the end came first. */
  boolean begin(Ticket ticket) {
    lock.lock();
    try {
      if (stopped) {
        return false;
      }
      running.add(ticket);
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Gives the place to the next task; where none waits, it is free.
   *
   * @param ran has had the place; null where it did not come to run
   */
  @Nullable Ticket next(@Nullable Ticket ran) {
    lock.lock();
    try {
      if (ran != null) {
        running.remove(ran);
        ended++;
      }
      Ticket next = queue.poll();
      if (next != null) {
        next.wasLastMovable = next.isMovable() && queue.movable() == 0;
        return next;
      }
      busy--;
      return null;
    } finally {
      lock.unlock();
    }
  }

  /** After {@link #next} gave none: the outcome is told, too. */
  void leave() {
    lock.lock();
    try {
      atWork--;
      tellIdle();
    } finally {
      lock.unlock();
    }
  }

  /**
   * One is dropped, where it waits.
   *
   * @return whether it was the last movable one
   */
  boolean drop(Ticket ticket) {
    lock.lock();
    try {
      if (!queue.remove(ticket)) {
        return false;
      }
      uncount();
      return ticket.isMovable() && queue.movable() == 0;
    } finally {
      lock.unlock();
    }
  }

  // Tasks run elsewhere.

  /** The movable one that has waited longest goes away; null where none waits. */
  @Nullable Ticket handOver() {
    lock.lock();
    try {
      for (Ticket ticket = queue.pollMovable(); ticket != null; ticket = queue.pollMovable()) {
        if (ticket.leave()) {
          away.add(ticket);
          return ticket;
        }
        // It was dropped at the same moment.
        uncount();
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  /** One that was away has run, or may have. */
  void ranElsewhere(Ticket ticket) {
    lock.lock();
    try {
      ticket.endAway();
      uncount();
      away.remove(ticket);
      tellIdle();
    } finally {
      lock.unlock();
    }
  }

  /**
   * One that was away was not started: it is the next one here.
   *
   * @param stays whether it is not movable any more
   */
  Turn takeBack(Ticket ticket, boolean stays) {
    lock.lock();
    try {
      Turn turn = comeBack(ticket, stays);
      away.remove(ticket);
      tellIdle();
      return turn;
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private Turn comeBack(Ticket ticket, boolean stays) {
    if (!ticket.comeBack(stays)) {
      uncount();
      return Turn.NOTHING;
    }
    if (stopped) {
      return Turn.TOO_LATE;
    }
    if (occupy()) {
      return Turn.START;
    }
    ticket.task().waits();
    queue.addFirst(ticket);
    return Turn.waits(false, queue.movable());
  }

  // The end.

  /** From now on nothing is taken. */
  void refuse() {
    lock.lock();
    try {
      closed = true;
    } finally {
      lock.unlock();
    }
  }

  /** From now on nothing is taken or begun. */
  Left stop() {
    lock.lock();
    try {
      closed = true;
      stopped = true;
      List<Ticket> started = running.all();
      started.addAll(away);
      return new Left(queue.all(), started);
    } finally {
      lock.unlock();
    }
  }

  /** Waits until nothing runs, waits or is away; false where that takes longer. */
  boolean awaitIdle(Duration atMost) throws InterruptedException {
    long nanos = atMost.toNanos();
    lock.lockInterruptibly();
    try {
      while (!isIdle()) {
        if (nanos <= 0) {
          return false;
        }
        nanos = idle.awaitNanos(nanos);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  @GuardedBy("lock")
  private boolean isIdle() {
    return atWork == 0 && away.isEmpty();
  }

  @GuardedBy("lock")
  private void tellIdle() {
    if (isIdle()) {
      idle.signalAll();
    }
  }

  // How it is.

  /** Those that wait. */
  List<Ticket> queued() {
    lock.lock();
    try {
      return queue.all();
    } finally {
      lock.unlock();
    }
  }

  int busy() {
    lock.lock();
    try {
      return busy;
    } finally {
      lock.unlock();
    }
  }

  /** How many run or wait. */
  int load() {
    lock.lock();
    try {
      return busy + queue.size();
    } finally {
      lock.unlock();
    }
  }

  int waiting() {
    lock.lock();
    try {
      return queue.size();
    } finally {
      lock.unlock();
    }
  }

  int movableWaiting() {
    lock.lock();
    try {
      return queue.movable();
    } finally {
      lock.unlock();
    }
  }

  /** How many wait that were not offered. */
  int backlog() {
    lock.lock();
    try {
      return queue.size() - queue.offered();
    } finally {
      lock.unlock();
    }
  }

  /** How many places are free for tasks that come. */
  int free() {
    lock.lock();
    try {
      return closed ? 0 : limits.concurrency() - busy;
    } finally {
      lock.unlock();
    }
  }

  long ended() {
    lock.lock();
    try {
      return ended;
    } finally {
      lock.unlock();
    }
  }

  long taken() {
    lock.lock();
    try {
      return taken;
    } finally {
      lock.unlock();
    }
  }
}
