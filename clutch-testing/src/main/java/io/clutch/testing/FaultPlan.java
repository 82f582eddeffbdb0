package io.clutch.testing;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** What is to go wrong with which calls. Thread-safe. */
final class FaultPlan {

  /** For so many calls that they don't end. */
  static final int ALWAYS = Integer.MAX_VALUE;

  /** In the order of planning. */
  @GuardedBy("this")
  private final List<Entry> entries = new ArrayList<>();

  private static final class Entry {
    private final String function;
    private final Fault fault;
    private int left;

    private Entry(String function, Fault fault, int left) {
      this.function = function;
      this.fault = fault;
      this.left = left;
    }

    private boolean isFor(String called) {
      return function.equals(called) || function.equals(Faults.ANY);
    }
  }

  synchronized void add(String function, Fault fault, int calls) {
    entries.add(new Entry(function, fault, calls));
  }

  synchronized void clear() {
    entries.clear();
  }

  synchronized void clear(String function) {
    entries.removeIf(entry -> entry.function.equals(function));
  }

  /** What goes wrong with a request for {@code function} that has just come. */
  Optional<Fault> takeAtArrival(String function) {
    return take(function, fault -> !fault.happensInTheRun());
  }

  /** What goes wrong with a run of {@code function} that has just begun. */
  Optional<Fault> takeInTheRun(String function) {
    return take(function, Fault::happensInTheRun);
  }

  private synchronized Optional<Fault> take(String function, Predicate<Fault> wanted) {
    Optional<Entry> found =
        entries.stream()
            .filter(entry -> entry.isFor(function) && wanted.test(entry.fault))
            .findFirst();
    found.filter(entry -> entry.left != ALWAYS && --entry.left == 0).ifPresent(entries::remove);
    return found.map(entry -> entry.fault);
  }
}
