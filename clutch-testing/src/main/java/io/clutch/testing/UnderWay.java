package io.clutch.testing;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;

/** Counts the requests and runs of one worker that have not ended. Thread-safe. */
final class UnderWay {

  @GuardedBy("this")
  private int count;

  synchronized void begin() {
    count++;
  }

  synchronized void end() {
    count--;
    notifyAll();
  }

  /** Waits until there are none; false where that takes longer. */
  synchronized boolean awaitNone(Duration atMost) throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    while (count > 0) {
      long millis = (end - System.nanoTime() + 999_999) / 1_000_000;
      if (millis <= 0) {
        return false;
      }
      wait(millis);
    }
    return true;
  }
}
