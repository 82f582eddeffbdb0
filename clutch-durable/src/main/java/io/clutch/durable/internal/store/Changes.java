package io.clutch.durable.internal.store;

import com.google.common.collect.ImmutableSet;
import java.util.List;

/**
 * What is written in one transaction.
 *
 * @param accepted jobs that are new
 * @param changes what became of jobs that were taken
 * @param wanted how many pending jobs to take then, at most
 * @param functions those that can be run here
 */
public record Changes(
    List<NewRow> accepted, List<Change> changes, int wanted, ImmutableSet<String> functions) {

  /**
   * Whether it must survive a power failure once it is committed. That a job has ended need not: it
   * would run again, which is promised no less.
   */
  public boolean isToLast() {
    return !accepted.isEmpty();
  }

  /** Whether there is nothing to do. */
  public boolean isEmpty() {
    return accepted.isEmpty() && changes.isEmpty() && wanted == 0;
  }
}
