package io.clutch.client.internal.stream;

import com.google.common.collect.ImmutableList;
import io.clutch.client.internal.balance.StreamPlace;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The streams that may get calls, and which of them a call takes. Guarded by the lock of the
 * spread, but for {@link #all}, which any thread may read.
 */
final class LiveStreams {

  private volatile ImmutableList<CallStream> streams = ImmutableList.of();

  /** How many calls were given to streams. */
  private long uses;

  ImmutableList<CallStream> all() {
    return streams;
  }

  boolean isEmpty() {
    return streams.isEmpty();
  }

  void add(CallStream stream) {
    streams = ImmutableList.<CallStream>builder().addAll(streams).add(stream).build();
  }

  void remove(CallStream stream) {
    streams =
        streams.stream().filter(each -> each != stream).collect(ImmutableList.toImmutableList());
  }

  List<StreamPlace> places() {
    return streams.stream().map(CallStream::place).toList();
  }

  /** The stream that has, among those with room for it, the fewest under way; equals take turns. */
  @Nullable CallStream choose(StreamedAttempt attempt) {
    boolean background = attempt.call().background();
    boolean avoids = hasElsewhere(attempt);
    CallStream best = null;
    // Without an iterator: this is done for every call.
    ImmutableList<CallStream> all = streams;
    for (int i = 0; i < all.size(); i++) {
      CallStream each = all.get(i);
      if (each.takes(background)
          && !(avoids && attempt.avoids(each))
          && (best == null || isBetter(each, best))) {
        best = each;
      }
    }
    return best;
  }

  private static boolean isBetter(CallStream one, CallStream other) {
    int difference = one.load() - other.load();
    return difference < 0 || (difference == 0 && one.usedAt < other.usedAt);
  }

  /** Gives it to that stream. */
  void give(StreamedAttempt attempt, CallStream to) {
    to.usedAt = ++uses;
    to.reserve(attempt);
  }

  /** Whether it is to avoid some streams, and there is one that it is not to avoid. */
  boolean hasElsewhere(StreamedAttempt attempt) {
    if (!attempt.avoidsAny()) {
      return false;
    }
    for (CallStream each : streams) {
      if (!attempt.avoids(each)) {
        return true;
      }
    }
    return false;
  }

  /** Whether there is room on one that it is not to avoid. */
  boolean hasRoomElsewhere(StreamedAttempt attempt) {
    for (CallStream each : streams) {
      if (each.takes(attempt.call().background()) && !attempt.avoids(each)) {
        return true;
      }
    }
    return false;
  }

  /** Whether there is no other one. */
  boolean isOnly(CallStream stream) {
    return streams.size() == 1 && streams.get(0) == stream;
  }

  /** Whether it may go there, as far as it is to avoid some. */
  boolean suits(StreamedAttempt attempt, CallStream stream) {
    return !attempt.avoidsAny() || !attempt.avoids(stream) || !hasElsewhere(attempt);
  }

  /** Whether one has room for a call, or for one in the background. */
  boolean hasRoom(boolean background) {
    for (CallStream each : streams) {
      if (each.takes(background)) {
        return true;
      }
    }
    return false;
  }
}
