package io.clutch.client.internal.balance;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One process of a {@link FakePool}. */
final class FakeProcess {

  private @Nullable String name;
  private final int slot;
  private final FakePool pool;
  private final List<Runnable> unanswered = new ArrayList<>();

  /** Those that are open as far as it knows. */
  final List<FakeWire> wires = new ArrayList<>();

  long lastServed;
  private boolean silent;
  private boolean alive = true;

  FakeProcess(@Nullable String name, int slot, FakePool pool) {
    this.name = name;
    this.slot = slot;
    this.pool = pool;
  }

  @Nullable String name() {
    return name;
  }

  int slot() {
    return slot;
  }

  boolean isAlive() {
    return alive;
  }

  Greeting greeting() {
    return name == null ? Greeting.ANONYMOUS : new Greeting(name, slot, pool.size());
  }

  /** From now on it answers nothing, or answers everything again. */
  void silent(boolean nowSilent) {
    silent = nowSilent;
    if (!silent) {
      List.copyOf(unanswered).forEach(Runnable::run);
      unanswered.clear();
    }
  }

  void whenAnswering(Runnable answer) {
    if (silent) {
      unanswered.add(answer);
    } else if (alive) {
      answer.run();
    }
  }

  /** From now on it does not say who it is. */
  void forgetsItself() {
    name = null;
  }

  long connectionsFrom(String host) {
    return wires.stream().filter(wire -> wire.host().equals(host)).count();
  }

  /** It ends, and its connections with it. */
  void end() {
    alive = false;
    List.copyOf(wires).forEach(wire -> wire.lose("the process has ended"));
    wires.clear();
  }
}
