package io.clutch.client.internal.stream;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Calls that no stream has room for, in the order in which they came; those in the background
 * apart, for they need no permit. Guarded by the pool's lock.
 */
final class WaitingLine {

  private final AttemptList forPermits = new AttemptList();
  private final AttemptList background = new AttemptList();

  void addLast(StreamedAttempt attempt) {
    lineOf(attempt).addLast(attempt);
  }

  /** It has been in the line before. */
  void addFirst(StreamedAttempt attempt) {
    lineOf(attempt).addFirst(attempt);
  }

  private AttemptList lineOf(StreamedAttempt attempt) {
    return attempt.call().background() ? background : forPermits;
  }

  /** Takes it out, where it is in. */
  boolean remove(StreamedAttempt attempt) {
    AttemptList in = attempt.list;
    if (in == null || (in != forPermits && in != background)) {
      return false;
    }
    in.remove(attempt);
    return true;
  }

  /** Takes the first one for a permit out that {@code suits}; null where none does. */
  @Nullable StreamedAttempt pollForPermit(Predicate<StreamedAttempt> suits) {
    return poll(forPermits, suits);
  }

  /** Takes the first one in the background out that {@code suits}; null where none does. */
  @Nullable StreamedAttempt pollBackground(Predicate<StreamedAttempt> suits) {
    return poll(background, suits);
  }

  private static @Nullable StreamedAttempt poll(
      AttemptList from, Predicate<StreamedAttempt> suits) {
    for (StreamedAttempt each = from.first(); each != null; each = each.next) {
      if (suits.test(each)) {
        from.remove(each);
        return each;
      }
    }
    return null;
  }

  boolean isEmpty() {
    return forPermits.isEmpty() && background.isEmpty();
  }

  /** How many wait for a permit. */
  int waiting() {
    return forPermits.size();
  }

  boolean hasBackground() {
    return !background.isEmpty();
  }

  /** All of them, those in the background last, as they are now. */
  List<StreamedAttempt> copy() {
    List<StreamedAttempt> copy = new ArrayList<>(forPermits.size() + background.size());
    forPermits.copyTo(copy);
    background.copyTo(copy);
    return copy;
  }
}
