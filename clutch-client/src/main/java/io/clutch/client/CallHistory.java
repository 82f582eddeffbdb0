package io.clutch.client;

import io.clutch.client.internal.balance.CallTrail;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What became of the attempts of one call so far: whether there may be another one, and what the
 * caller is told where there is none. Owned by the call, of which one attempt is under way at a
 * time.
 */
final class CallHistory {

  /** A call that ends so many processes is most likely the cause. */
  static final int MOST_LOSSES = 3;

  private static final String EARLIER =
      "; a worker that had the call was lost before, and may have started it";

  private static final String DONE_EARLIER =
      "; an attempt before, whose answer was lost, may have come through";

  private final Repetition repetition;

  /** Null as long as nobody asks for it. */
  private @Nullable CallTrail trail;

  private int attempts;

  /** How often it was under way in a process that was lost. */
  private int losses;

  private @Nullable ClutchException lastRefusal;

  CallHistory(Repetition repetition) {
    this.repetition = repetition;
  }

  /** Where the attempts have been. */
  CallTrail trail() {
    CallTrail been = trail;
    if (been == null) {
      been = new CallTrail();
      trail = been;
    }
    return been;
  }

  /** The same; null where nothing is known of any. */
  @Nullable CallTrail trailIfAny() {
    return trail;
  }

  /** Attempts are made. */
  void attempted(int more) {
    attempts += more;
  }

  /**
   * An attempt has failed.
   *
   * @return whether another one may do better, and no harm
   */
  boolean failed(ClutchException failure) {
    boolean lost = isLost(failure);
    if (lost) {
      losses++;
    }
    boolean mayRepeat = failure.isRepeatable() || (lost && repetition.isAllowedAfter(losses));
    if (mayRepeat) {
      lastRefusal = failure;
    }
    return mayRepeat;
  }

  /** Whether the call was under way in a process that has gone. */
  static boolean isLost(ClutchException failure) {
    return failure.started() != Started.NO && failure.reason().isTransient();
  }

  /**
   * What the caller gets to know, in its own terms where time ran out or the worker was lost.
   *
   * @param failure of the last attempt
   * @param timeout of all of them
   * @param target where the workers are, for people
   */
  ClutchException conclusion(ClutchException failure, Duration timeout, String target) {
    if (isLost(failure) && failure.reason() != Reason.STORE_UNAVAILABLE) {
      return failure.started() == Started.YES ? failure : lost(failure);
    }
    boolean outOfTime = failure == lastRefusal || failure.reason() == Reason.DEADLINE_EXCEEDED;
    if (!outOfTime) {
      return inDoubt(failure);
    }
    if (failure.reason() == Reason.STORE_UNAVAILABLE) {
      return failure.restated(
          losses == 0 ? failure.started() : Started.UNKNOWN, nobody(failure, timeout, target));
    }
    if (failure.started() != Started.NO) {
      return failure.restated(
          failure.started(), "the call did not end within %s".formatted(text(timeout)));
    }
    ClutchException refusal = lastRefusal == null ? failure : lastRefusal;
    return inDoubt(refusal.restated(Started.NO, nobody(refusal, timeout, target)));
  }

  private String nobody(ClutchException refusal, Duration timeout, String target) {
    return "no worker took the call within %s (%d attempts at %s); the last one: %s"
        .formatted(
            text(timeout),
            attempts,
            target,
            trail().obstacle().orElse(String.valueOf(refusal.getMessage())));
  }

  /** What the caller gets to know where the client is closed before the call is over. */
  ClutchException closed() {
    return inDoubt(
        ClutchException.notStarted(
            Reason.CANCELLED, "the client was closed before a worker took the call"));
  }

  private ClutchException lost(ClutchException failure) {
    return failure.restated(
        Started.UNKNOWN,
        "the connection to the worker was lost while the call was under way%s (%s)"
            .formatted(losses > 1 ? ", " + losses + " times" : "", failure.getMessage()));
  }

  /** That the last attempt did not start it does not tell of those before. */
  private ClutchException inDoubt(ClutchException failure) {
    if (losses == 0 || failure.started() != Started.NO || repetition == Repetition.QUESTION) {
      return failure;
    }
    return failure.restated(
        Started.UNKNOWN,
        failure.getMessage() + (repetition == Repetition.ALWAYS ? DONE_EARLIER : EARLIER));
  }

  private static String text(Duration duration) {
    return duration.toMillis() % 1000 == 0
        ? duration.toSeconds() + " s"
        : duration.toMillis() + " ms";
  }
}
