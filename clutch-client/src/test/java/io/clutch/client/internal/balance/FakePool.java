package io.clutch.client.internal.balance;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Queue;

/**
 * Processes behind one address. Connections are dealt out as the supervisor does it: to the process
 * with the fewest from the same host, then the fewest in all, then the one served longest ago.
 */
final class FakePool {

  /** From here to there. */
  static final Duration LATENCY = Duration.ofMillis(1);

  /** What happens to who knocks. */
  enum Door {
    OPEN,
    REFUSING,
    /** Nobody hears it. */
    WALLED_UP
  }

  private final List<FakeProcess> processes = new ArrayList<>();
  private final Deque<FakeWire> backlog = new ArrayDeque<>();
  private final Queue<FakeProcess> next = new ArrayDeque<>();
  private Door door = Door.OPEN;
  private Duration closingTakes = LATENCY;
  private int size;
  private int started;
  private long served;

  /** A pool with that many processes. */
  FakePool(int size) {
    this.size = size;
    for (int slot = 1; slot <= size; slot++) {
      start(slot);
    }
  }

  /** How many there are to be. */
  int size() {
    return size;
  }

  ImmutableList<FakeProcess> processes() {
    return ImmutableList.copyOf(processes);
  }

  FakeProcess process(int slot) {
    return processes.stream()
        .filter(process -> process.slot() == slot)
        .reduce((older, younger) -> younger)
        .orElseThrow();
  }

  /** Starts one more. */
  FakeProcess start(int slot) {
    return add(new FakeProcess("process " + ++started, slot, this));
  }

  /** Starts one more, that does not say who it is. */
  FakeProcess startAnonymous() {
    return add(new FakeProcess(null, 0, this));
  }

  private FakeProcess add(FakeProcess process) {
    processes.add(process);
    while (!backlog.isEmpty()) {
      deal(backlog.remove());
    }
    return process;
  }

  /** Ends one, with its connections. */
  void end(FakeProcess process) {
    processes.remove(process);
    next.removeIf(process::equals);
    process.end();
  }

  /** From now on processes say so; whoever is missing has to be started, and who is left, ended. */
  void size(int newSize) {
    size = newSize;
  }

  void door(Door newDoor) {
    door = newDoor;
  }

  /** How long it takes until a process knows that a connection was closed. */
  void closingTakes(Duration duration) {
    closingTakes = duration;
  }

  Duration closingTakes() {
    return closingTakes;
  }

  /** Has the next connections go there, whoever has how many. */
  void dealTo(FakeProcess... these) {
    next.addAll(Arrays.asList(these));
  }

  void accept(FakeWire wire) {
    if (!wire.isOpen()) {
      return;
    }
    switch (door) {
      case OPEN -> {
        if (processes.isEmpty()) {
          backlog.add(wire);
        } else {
          deal(wire);
        }
      }
      case REFUSING -> wire.lose("refused");
      case WALLED_UP -> {}
    }
  }

  private void deal(FakeWire wire) {
    if (!wire.isOpen()) {
      return;
    }
    FakeProcess chosen = next.poll();
    if (chosen == null) {
      chosen =
          processes.stream()
              .min(
                  Comparator.<FakeProcess>comparingLong(
                          process -> process.connectionsFrom(wire.host()))
                      .thenComparingInt(process -> process.wires.size())
                      .thenComparingLong(process -> process.lastServed))
              .orElseThrow();
    }
    chosen.lastServed = ++served;
    chosen.wires.add(wire);
    wire.dealt(chosen);
  }

  void ended(FakeWire wire) {
    processes.forEach(process -> process.wires.remove(wire));
    backlog.remove(wire);
  }
}
