package io.clutch.worker.internal.dispatch;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tickets that wait, in their order: first come, first served, but for those that come back to
 * the head of the line. Everything takes the same short time, but to look for a movable one.
 * Guarded by the dispatcher's lock, as are the links in the tickets.
 */
final class WaitingLine {

  private @Nullable Ticket first;
  private @Nullable Ticket last;
  private int size;
  private int offered;
  private int movable;

  int size() {
    return size;
  }

  /** How many of them were offered. */
  int offered() {
    return offered;
  }

  /** How many of them may be run elsewhere. */
  int movable() {
    return movable;
  }

  void addLast(Ticket ticket) {
    link(last, ticket, null);
  }

  void addFirst(Ticket ticket) {
    link(null, ticket, first);
  }

  /** Takes out the first one; null where none waits. */
  @Nullable Ticket poll() {
    Ticket ticket = first;
    if (ticket != null) {
      unlink(ticket);
    }
    return ticket;
  }

  /** Takes out the first one that may be run elsewhere; null where there is none. */
  @Nullable Ticket pollMovable() {
    if (movable == 0) {
      return null;
    }
    Ticket ticket = first;
    while (ticket != null && !ticket.isMovable()) {
      ticket = ticket.next;
    }
    if (ticket != null) {
      unlink(ticket);
    }
    return ticket;
  }

  /** Takes one out; false where it is not here. */
  boolean remove(Ticket ticket) {
    if (!ticket.isInLine) {
      return false;
    }
    unlink(ticket);
    return true;
  }

  List<Ticket> all() {
    List<Ticket> all = new ArrayList<>(size);
    for (Ticket ticket = first; ticket != null; ticket = ticket.next) {
      all.add(ticket);
    }
    return all;
  }

  private void link(@Nullable Ticket before, Ticket ticket, @Nullable Ticket after) {
    ticket.isInLine = true;
    ticket.previous = before;
    ticket.next = after;
    if (before == null) {
      first = ticket;
    } else {
      before.next = ticket;
    }
    if (after == null) {
      last = ticket;
    } else {
      after.previous = ticket;
    }
    count(ticket, 1);
  }

  private void unlink(Ticket ticket) {
    Ticket before = ticket.previous;
    Ticket after = ticket.next;
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
    ticket.previous = null;
    ticket.next = null;
    ticket.isInLine = false;
    count(ticket, -1);
  }

  private void count(Ticket ticket, int change) {
    size += change;
    offered += ticket.isOffered() ? change : 0;
    movable += ticket.isMovable() ? change : 0;
  }
}
