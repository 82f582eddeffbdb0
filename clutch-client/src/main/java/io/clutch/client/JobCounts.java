package io.clutch.client;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableMap;
import java.time.Instant;
import java.util.Optional;

/**
 * How many jobs there are.
 *
 * @param byState in each state
 * @param oldestPending since when the oldest {@link JobState#PENDING} job has been there
 */
public record JobCounts(ImmutableMap<JobState, Long> byState, Optional<Instant> oldestPending) {

  /** Checks the values. */
  public JobCounts {
    requireNonNull(byState);
    requireNonNull(oldestPending);
  }

  /** How many there are in that state. */
  public long in(JobState state) {
    return byState.getOrDefault(state, 0L);
  }
}
