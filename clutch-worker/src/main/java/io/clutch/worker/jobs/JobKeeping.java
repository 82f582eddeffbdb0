package io.clutch.worker.jobs;

import io.clutch.protocol.TimeSource;
import java.time.Duration;

/**
 * How a worker's jobs are to be kept.
 *
 * @param store a folder, or {@code postgresql://…}
 * @param lease how long a process that has fallen silent keeps its jobs, where it cannot be known
 *     whether it lives
 * @param retention how long it is remembered that a job is done
 * @param member who keeps them
 */
public record JobKeeping(
    String store, Duration lease, Duration retention, Member member, TimeSource time) {

  /**
   * A process among those that share a store.
   *
   * @param pool what its pool is called, unlike all others; empty where it is alone
   * @param slot its place in the pool; 0 where it is alone
   */
  public record Member(String pool, int slot, long generation, long processId) {}
}
