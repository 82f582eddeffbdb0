package io.clutch.client.internal.stream;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One look at all calls for those whose deadline has passed: they are over with it. It looks under
 * the lock of the spread; what it found is told after that.
 */
final class DeadlineSweep {

  private final long now;
  private long untilNext = Long.MAX_VALUE;

  /** Those that were in the line. */
  private final List<StreamedAttempt> waited = new ArrayList<>();

  private final List<StreamedAttempt> unsent = new ArrayList<>();
  private final List<StreamedAttempt> sent = new ArrayList<>();

  /**
   * @param now nanoseconds of the client's time
   */
  DeadlineSweep(long now) {
    this.now = now;
  }

  /**
   * Takes them out of the line.
   *
   * @param streams how many there are that take calls
   */
  void look(WaitingLine line, Opening opening, int streams) {
    for (StreamedAttempt each : line.copy()) {
      if (hasExpired(each) && each.stop() != null) {
        line.remove(each);
        waited.add(each);
        waitedInVain(each, opening, streams);
      }
    }
  }

  /** What it waited for is what the error tells. */
  private static void waitedInVain(StreamedAttempt attempt, Opening opening, int streams) {
    ClutchException why = opening.latest();
    String obstacle = opening.obstacle();
    if (streams > 0) {
      why = null;
      obstacle = "waited for a free process, of which there are %d, all busy".formatted(streams);
    } else if (obstacle == null && why == null) {
      obstacle = "waited for a worker";
    }
    if (obstacle != null) {
      attempt.madeTrail().waitsFor(obstacle);
    }
    attempt.problems = opening.failures() - attempt.problemsBefore;
    attempt.stoppedFor(why == null ? late(Started.NO) : why, Started.NO);
  }

  /** Takes those out of a stream's that it has not written; the worker is to be told of others. */
  void look(CallStream stream) {
    for (StreamedAttempt each : stream.underWay.copy()) {
      Started started = hasExpired(each) ? each.stop() : null;
      if (started == null) {
        continue;
      }
      each.stoppedFor(late(started), started);
      if (started == Started.NO) {
        each.madeTrail().waitsFor("the connection takes nothing");
        var unused = stream.release(each);
        unsent.add(each);
      } else {
        sent.add(each);
      }
    }
  }

  private boolean hasExpired(StreamedAttempt attempt) {
    long left = attempt.expiresAt() - now;
    if (left > 0 && !attempt.isOver()) {
      untilNext = Math.min(untilNext, left);
    }
    return left <= 0;
  }

  /** What a call ends with whose deadline has passed. */
  static ClutchException late(Started started) {
    return ClutchException.builder(
            Reason.DEADLINE_EXCEEDED, started, "the deadline of the call has passed")
        .build();
  }

  // What it found.

  /** The earliest deadline of the others; null where there is none. */
  @Nullable Long next() {
    return untilNext == Long.MAX_VALUE ? null : now + untilNext;
  }

  /** Has workers told, and calls tell their outcomes. Not under the lock. */
  void tell(CallerThreads callers) {
    for (StreamedAttempt each : sent) {
      CallStream on = each.stream();
      if (on != null) {
        on.tellCancelled(each);
      }
    }
    for (StreamedAttempt each : waited) {
      each.waited(now - each.waitsSince, Reason.DEADLINE_EXCEEDED);
    }
    callers.execute(waited);
    callers.execute(unsent);
    callers.execute(sent);
  }
}
