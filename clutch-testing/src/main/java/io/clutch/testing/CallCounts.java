package io.clutch.testing;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Counts the calls of each function. Thread-safe. */
final class CallCounts {

  @GuardedBy("this")
  private final Map<String, Calls> byFunction = new HashMap<>();

  /** How often it was reset: the end of a run counts only where its start still does. */
  @GuardedBy("this")
  private int resets;

  synchronized void received(String function) {
    change(function, Calls::withReceived);
  }

  /** Gives what {@link #finished} wants to know. */
  synchronized int started(String function) {
    change(function, Calls::withStarted);
    return resets;
  }

  synchronized void finished(String function, int resetsAtStart) {
    if (resetsAtStart == resets) {
      change(function, Calls::withFinished);
    }
  }

  @GuardedBy("this")
  private void change(String function, UnaryOperator<Calls> change) {
    byFunction.put(function, change.apply(of(function)));
    notifyAll();
  }

  synchronized Calls of(String function) {
    return byFunction.getOrDefault(function, Calls.NONE);
  }

  synchronized void reset() {
    byFunction.clear();
    resets++;
  }

  /** Waits until the calls of {@code function} are as wanted; empty where that takes longer. */
  synchronized Optional<Calls> await(
      String function, Predicate<? super Calls> wanted, Duration atMost)
      throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    Calls calls = of(function);
    while (!wanted.test(calls)) {
      long millis = (end - System.nanoTime() + 999_999) / 1_000_000;
      if (millis <= 0) {
        return Optional.empty();
      }
      wait(millis);
      calls = of(function);
    }
    return Optional.of(calls);
  }
}
