package io.clutch.supervisor.internal.keep;

import io.clutch.process.ListeningSockets;
import io.clutch.supervisor.internal.net.Connection;
import io.clutch.supervisor.internal.net.DescriptorLink;
import io.clutch.supervisor.internal.pool.Connections;
import io.clutch.supervisor.internal.pool.Leaving;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Deals accepted connections out to the children. Owned by the pool's thread. */
final class Reception {

  /** How long to wait for children that have not yet taken what they were given. */
  private static final Duration FULL_PAUSE = Duration.ofMillis(5);

  private final ListeningSockets listeners;
  private final Deque<Connection> waiting = new ArrayDeque<>();
  private boolean accepting;
  private boolean closed;
  private long turn;

  Reception(ListeningSockets listeners) {
    this.listeners = listeners;
  }

  /** A connection came. */
  void take(Connection connection) {
    waiting.addLast(connection);
  }

  int waiting() {
    return waiting.size();
  }

  /**
   * Hands out what waits; accepts further ones just while there is a child to give them to.
   *
   * @return when to try again though nothing happens; null where there is no need
   */
  @Nullable Instant deal(Collection<Member> members, Instant now) {
    List<Member> ready = new ArrayList<>();
    members.stream().filter(member -> member.openLink() != null).forEach(ready::add);
    boolean anyReady = !ready.isEmpty();
    boolean anyLost = false;
    while (!waiting.isEmpty() && !ready.isEmpty()) {
      anyLost |= give(ready) == DescriptorLink.Result.BROKEN;
    }
    // Those that wait are for children that are busy taking others: more would only wait too.
    accept(anyReady && waiting.isEmpty() && !closed);
    return anyLost || (anyReady && !waiting.isEmpty()) ? now.plus(FULL_PAUSE) : null;
  }

  /** Gives one connection to one child, or takes the child off the list. */
  private DescriptorLink.Result give(List<Member> ready) {
    Connection connection = waiting.getFirst();
    Member member =
        Connections.choose(ready, candidate -> candidate.connections, connection.host())
            .orElseThrow();
    DescriptorLink link = member.openLink();
    DescriptorLink.Result result =
        link == null ? DescriptorLink.Result.BROKEN : link.give(connection);
    switch (result) {
      case GIVEN -> {
        waiting.removeFirst();
        turn++;
        member.connections.add(connection.host(), turn);
      }
      case FULL -> ready.remove(member);
      case BROKEN -> {
        ready.remove(member);
        member.child.leaves(Leaving.LOST);
      }
    }
    return result;
  }

  private void accept(boolean whether) {
    if (whether != accepting) {
      accepting = whether;
      listeners.accept(whether);
    }
  }

  /** Listens no more. All that was accepted is posted to the pool's thread by then. */
  void closeDoor() {
    if (!closed) {
      closed = true;
      accepting = false;
      listeners.close();
    }
  }

  /** Listens no more, and drops what waits. */
  void close() {
    closeDoor();
    waiting.forEach(Connection::close);
    waiting.clear();
  }
}
