package io.clutch.client.internal.stream;

import io.clutch.protocol.stream.Chain;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Calls that no stream has room for, in the order in which they came; those in the background
 * apart, for they need no permit. Guarded by the lock of the spread.
 */
final class WaitingLine {

  private final Chain<StreamedAttempt> forPermits = new Chain<>();
  private final Chain<StreamedAttempt> background = new Chain<>();

  void addLast(StreamedAttempt attempt) {
    lineOf(attempt).addLast(attempt);
  }

  /** It has been in the line before. */
  void addFirst(StreamedAttempt attempt) {
    lineOf(attempt).addFirst(attempt);
  }

  private Chain<StreamedAttempt> lineOf(StreamedAttempt attempt) {
    return attempt.call().background() ? background : forPermits;
  }

  /** Takes it out, where it is in. */
  boolean remove(StreamedAttempt attempt) {
    return lineOf(attempt).remove(attempt);
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
      Chain<StreamedAttempt> from, Predicate<StreamedAttempt> suits) {
    StreamedAttempt next = from.find(suits);
    if (next != null) {
      from.remove(next);
    }
    return next;
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
    List<StreamedAttempt> copy = forPermits.copy();
    copy.addAll(background.copy());
    return copy;
  }
}
