package io.clutch.client.internal.stream;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.clutch.client.internal.balance.StreamPlace;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.TimeSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where each call is, and where it goes: in the line, or on a stream. It only decides: what its
 * {@link Changes} say is for whoever asked, when the lock is free.
 *
 * <p>It is its own lock, which whoever calls holds, but where it says otherwise. Invariant between
 * steps: no stream has room for a call in the line that may go there.
 */
final class CallSpread {

  private static final ImmutableList<StreamedAttempt> NONE = ImmutableList.of();

  /** A call that came back so often is let wait at a worker. */
  private static final int MOST_RETURNS = 10;

  private final TimeSource time;

  @GuardedBy("this")
  private final Opening opening;

  @GuardedBy("this")
  private final WaitingLine line = new WaitingLine();

  /** Those that may get calls. */
  private final LiveStreams live = new LiveStreams();

  /** Those whose RPC has not ended. */
  @GuardedBy("this")
  private final Set<CallStream> all = new LinkedHashSet<>();

  @GuardedBy("this")
  private boolean closing;

  /** How many calls wait for a permit; background calls don't. Written under the lock. */
  private volatile int waiting;

  private volatile boolean usable = true;

  /**
   * @param opening is guarded by the same lock
   */
  CallSpread(TimeSource time, Opening opening) {
    this.time = time;
    this.opening = opening;
  }

  // For any thread, without the lock.

  /** Whether calls can go over streams. Once they can't, they never can again. */
  boolean isUsable() {
    return usable;
  }

  /** How many calls wait for a permit. */
  int waiting() {
    return waiting;
  }

  /** The streams that may get calls. */
  ImmutableList<CallStream> live() {
    return live.all();
  }

  /** Where those are. */
  List<StreamPlace> places() {
    return live.places();
  }

  // Calls.

  /** Gives it to a stream that has room; null where none has. */
  @GuardedBy("this")
  @Nullable CallStream give(StreamedAttempt attempt) {
    CallStream to = live.choose(attempt);
    if (to != null) {
      live.give(attempt, to);
    }
    return to;
  }

  /** Whether a call may go to the line: the end has not come. */
  @GuardedBy("this")
  boolean mayWait() {
    return usable && !(closing && live.isEmpty());
  }

  @GuardedBy("this")
  void addLast(StreamedAttempt attempt) {
    attempt.problemsBefore = opening.failures();
    attempt.waitsSince = now();
    line.addLast(attempt);
  }

  /**
   * It was on a stream, and has not been started: it waits again, before the others.
   *
   * @param told gets it where it is given up, for the end has come
   */
  @GuardedBy("this")
  void addFirst(StreamedAttempt attempt, List<StreamedAttempt> told) {
    if (mayWait()) {
      attempt.problemsBefore = opening.failures();
      attempt.waitsSince = now();
      line.addFirst(attempt);
    } else if (attempt.giveUpUnsent()) {
      told.add(attempt);
    }
  }

  private long now() {
    return time.ticker().nanoTime();
  }

  /** Takes it out of the line; false where it is not there. */
  @GuardedBy("this")
  boolean leaveLine(StreamedAttempt attempt) {
    return line.remove(attempt);
  }

  /**
   * Not started, and no failure: it goes to the head of the line.
   *
   * @param from has it no more
   * @param told gets it where it may not go there
   */
  @GuardedBy("this")
  void cameBack(CallStream from, StreamedAttempt attempt, List<StreamedAttempt> told) {
    if (!attempt.takeBack()) {
      return;
    }
    if (!from.draining) {
      attempt.cameBackFrom(from);
      if (attempt.returns() >= MOST_RETURNS || live.isOnly(from)) {
        attempt.waitsAnywhere();
      }
    }
    addFirst(attempt, told);
  }

  /** All that wait end, without an outcome of their own. */
  @GuardedBy("this")
  List<StreamedAttempt> emptyLine() {
    List<StreamedAttempt> unsent = new ArrayList<>();
    for (StreamedAttempt each : line.copy()) {
      line.remove(each);
      if (each.giveUpUnsent()) {
        unsent.add(each);
      }
    }
    var unused = noteWaiting();
    return unsent;
  }

  /** All that wait fail. */
  @GuardedBy("this")
  List<StreamedAttempt> failLine(ClutchException why) {
    List<StreamedAttempt> failed = new ArrayList<>();
    for (StreamedAttempt each : line.copy()) {
      line.remove(each);
      if (each.failUnsent(why)) {
        failed.add(each);
      }
    }
    var unused = noteWaiting();
    return failed;
  }

  @GuardedBy("this")
  void sweep(DeadlineSweep sweep) {
    sweep.look(line, opening, live.all().size());
    all.forEach(sweep::look);
  }

  // Streams.

  /** Its RPC begins. */
  @GuardedBy("this")
  void opens(CallStream stream) {
    all.add(stream);
  }

  /** It may get calls from now on. */
  @GuardedBy("this")
  void join(CallStream stream) {
    live.add(stream);
  }

  /** It may get none any more. */
  @GuardedBy("this")
  void retire(CallStream stream) {
    stream.closing = true;
    live.remove(stream);
  }

  /** None may; gives all whose RPC has not ended. */
  @GuardedBy("this")
  List<CallStream> retireAll() {
    List<CallStream> streams = List.copyOf(all);
    for (CallStream each : streams) {
      retire(each);
    }
    return streams;
  }

  /**
   * Its RPC has ended: of its calls, some may have been started.
   *
   * @param lost makes what those end with
   * @param told gets those that end
   */
  @GuardedBy("this")
  void ended(CallStream stream, Supplier<ClutchException> lost, List<StreamedAttempt> told) {
    all.remove(stream);
    retire(stream);
    List<StreamedAttempt> unsent = new ArrayList<>();
    for (StreamedAttempt each : stream.underWay.copy()) {
      var unused = stream.release(each);
      // One whose argument was not written to its end cannot have been started.
      if (each.isUnsent() || (each.parts != null && each.takeBack())) {
        each.parts = null;
        unsent.add(each);
      } else if (!each.isOver() && each.fail(lost.get())) {
        told.add(each);
      }
    }
    for (StreamedAttempt each : Lists.reverse(unsent)) {
      addFirst(each, told);
    }
  }

  // From the line to streams.

  /** A stream may have room: the first in the line that may go there go there. */
  @GuardedBy("this")
  void serve(CallStream stream, Changes changes) {
    while (line.waiting() > 0 && stream.takes(false)) {
      StreamedAttempt next = line.pollForPermit(each -> live.suits(each, stream));
      if (next == null) {
        break;
      }
      giveWaiting(next, stream, changes);
    }
    while (line.hasBackground() && stream.takes(true)) {
      StreamedAttempt next = line.pollBackground(each -> live.suits(each, stream));
      if (next == null) {
        break;
      }
      giveWaiting(next, stream, changes);
    }
  }

  /** Several may have room, or be avoided no more. */
  @GuardedBy("this")
  void serveAll(Changes changes) {
    if (line.isEmpty()) {
      return;
    }
    boolean mayTake = live.hasRoom(false);
    boolean mayTakeBackground = live.hasRoom(true);
    for (StreamedAttempt next : mayTake || mayTakeBackground ? line.copy() : NONE) {
      boolean background = next.call().background();
      if (background ? !mayTakeBackground : !mayTake) {
        continue;
      }
      if (next.cameBack() && !live.hasRoomElsewhere(next)) {
        // Only those say that they have room that it came back from: their calls are quick, so that
        // it waits there for a moment only.
        next.waitsAnywhere();
      }
      CallStream to = live.choose(next);
      if (to != null) {
        line.remove(next);
        giveWaiting(next, to, changes);
        mayTake = background ? mayTake : live.hasRoom(false);
        mayTakeBackground = background ? live.hasRoom(true) : mayTakeBackground;
      }
    }
  }

  @GuardedBy("this")
  private void giveWaiting(StreamedAttempt next, CallStream to, Changes changes) {
    if (!next.isOver()) {
      live.give(next, to);
      changes.give(next, to);
    }
  }

  /** Ends a step that may have changed where calls are. */
  @GuardedBy("this")
  void settle(Changes changes) {
    if (closing && !line.isEmpty() && all.stream().allMatch(stream -> stream.closing)) {
      // Nothing is to come that could take them.
      changes.giveUp(emptyLine());
    }
    boolean news = noteWaiting();
    // Calls may have come back that were under way when there was nothing else to call.
    changes.settle(news, opening.isIdle() && !line.isEmpty());
    wakeCloser();
  }

  /** Whether the line for permits has become empty, or is so no more. */
  @GuardedBy("this")
  boolean noteWaiting() {
    int before = waiting;
    int now = line.waiting();
    if (now == before) {
      return false;
    }
    waiting = now;
    return (before == 0) != (now == 0);
  }

  @GuardedBy("this")
  boolean isLineEmpty() {
    return line.isEmpty();
  }

  // The end.

  /** From now on calls wait only where there is a stream. */
  @GuardedBy("this")
  void beginToClose() {
    closing = true;
  }

  @GuardedBy("this")
  boolean isClosing() {
    return closing;
  }

  /** From now on no call goes over streams. */
  @GuardedBy("this")
  void end() {
    usable = false;
  }

  /** Whoever waits until it is quiet is to look again. */
  @GuardedBy("this")
  void wakeCloser() {
    if (closing) {
      notifyAll();
    }
  }

  /** Whether no call is in the line or under way. */
  @GuardedBy("this")
  boolean isQuiet() {
    if (!line.isEmpty()) {
      return false;
    }
    for (CallStream stream : all) {
      if (stream.underWay.find(each -> !each.isOver()) != null) {
        return false;
      }
    }
    return true;
  }
}
