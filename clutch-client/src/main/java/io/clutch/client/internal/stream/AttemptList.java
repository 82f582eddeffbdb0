package io.clutch.client.internal.stream;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Attempts in order, each of which can leave at once; an attempt is in one list at a time. Guarded
 * by the pool's lock, as are the attempts' links.
 */
final class AttemptList {

  private @Nullable StreamedAttempt first;
  private @Nullable StreamedAttempt last;
  private int size;

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  @Nullable StreamedAttempt first() {
    return first;
  }

  void addLast(StreamedAttempt attempt) {
    attempt.list = this;
    attempt.previous = last;
    attempt.next = null;
    if (last == null) {
      first = attempt;
    } else {
      last.next = attempt;
    }
    last = attempt;
    size++;
  }

  void addFirst(StreamedAttempt attempt) {
    attempt.list = this;
    attempt.previous = null;
    attempt.next = first;
    if (first == null) {
      last = attempt;
    } else {
      first.previous = attempt;
    }
    first = attempt;
    size++;
  }

  /** Takes one out that is in. */
  void remove(StreamedAttempt attempt) {
    StreamedAttempt before = attempt.previous;
    StreamedAttempt after = attempt.next;
    if (before == null) {
      first = after;
    } else {
      before.next = after;
    }
    if (after == null) {
      last = before;
    } else {
      after.previous = before;
    }
    attempt.list = null;
    attempt.previous = null;
    attempt.next = null;
    size--;
  }

  /** All of them, in order, as they are now. */
  void copyTo(Collection<StreamedAttempt> copy) {
    for (StreamedAttempt each = first; each != null; each = each.next) {
      copy.add(each);
    }
  }
}
