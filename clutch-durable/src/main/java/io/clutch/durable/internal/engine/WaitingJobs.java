package io.clutch.durable.internal.engine;

import io.clutch.durable.internal.store.TakenJob;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Jobs that were taken and wait for a place, in their order. Not thread-safe. */
final class WaitingJobs {

  private final Deque<TakenJob> line = new ArrayDeque<>();
  private long bytes;

  void addAll(List<TakenJob> jobs) {
    for (TakenJob job : jobs) {
      line.addLast(job);
      bytes += bytes(job);
    }
  }

  void addFirst(TakenJob job) {
    line.addFirst(job);
    bytes += bytes(job);
  }

  TakenJob removeFirst() {
    TakenJob job = line.removeFirst();
    bytes -= bytes(job);
    return job;
  }

  /** Takes out the one of that number; null where it is not here. */
  @Nullable TakenJob remove(long seq) {
    for (TakenJob job : line) {
      if (job.seq() == seq) {
        line.remove(job);
        bytes -= bytes(job);
        return job;
      }
    }
    return null;
  }

  /** Takes out all. */
  List<TakenJob> removeAll() {
    List<TakenJob> all = new ArrayList<>(line);
    line.clear();
    bytes = 0;
    return all;
  }

  boolean isEmpty() {
    return line.isEmpty();
  }

  int size() {
    return line.size();
  }

  /** How large their arguments are in all. */
  long bytes() {
    return bytes;
  }

  private static long bytes(TakenJob job) {
    return job.payload().getSerializedSize();
  }
}
