package io.clutch.worker.internal.dispatch;

import io.clutch.protocol.stream.Chain;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tickets that wait, in their order: first come, first served, but for those that come back to
 * the head of the line. Everything takes the same short time, but to look for a movable one.
 * Guarded by the lock of {@link Turns}.
 */
final class WaitingLine {

  private final Chain<Ticket> tickets = new Chain<>();
  private int offered;
  private int movable;

  int size() {
    return tickets.size();
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
    tickets.addLast(ticket);
    count(ticket, 1);
  }

  void addFirst(Ticket ticket) {
    tickets.addFirst(ticket);
    count(ticket, 1);
  }

  /** Takes out the first one; null where none waits. */
  @Nullable Ticket poll() {
    return take(tickets.first());
  }

  /** Takes out the first one that may be run elsewhere; null where there is none. */
  @Nullable Ticket pollMovable() {
    return take(movable == 0 ? null : tickets.find(Ticket::isMovable));
  }

  private @Nullable Ticket take(@Nullable Ticket ticket) {
    if (ticket != null) {
      boolean unused = remove(ticket);
    }
    return ticket;
  }

  /** Takes one out; false where it is not here. */
  boolean remove(Ticket ticket) {
    if (!tickets.remove(ticket)) {
      return false;
    }
    count(ticket, -1);
    return true;
  }

  List<Ticket> all() {
    return tickets.copy();
  }

  private void count(Ticket ticket, int change) {
    offered += ticket.isOffered() ? change : 0;
    movable += ticket.isMovable() ? change : 0;
  }
}
