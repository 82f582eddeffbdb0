package io.clutch.benchmarks.fairshare;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.List;
import java.util.PriorityQueue;

/**
 * One line for all processes: whoever becomes free takes the call that came first, at once. Nobody
 * who doesn't know beforehand how long calls run keeps processes busier.
 */
final class IdealQueue {

  private IdealQueue() {}

  /** How long each call takes from its arrival to its end. */
  static long[] nanos(List<Arrival> arrivals, int processes) {
    checkArgument(processes >= 1, "processes is %s: want 1 or more", processes);
    PriorityQueue<Long> free = new PriorityQueue<>();
    for (int i = 0; i < processes; i++) {
      free.add(0L);
    }
    long[] nanos = new long[arrivals.size()];
    for (int i = 0; i < nanos.length; i++) {
      Arrival arrival = arrivals.get(i);
      long end = Math.max(arrival.dueNanos(), free.remove()) + arrival.serviceNanos();
      free.add(end);
      nanos[i] = end - arrival.dueNanos();
    }
    return nanos;
  }
}
