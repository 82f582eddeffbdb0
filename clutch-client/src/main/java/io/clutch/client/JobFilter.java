package io.clutch.client;

import static com.google.common.base.Preconditions.checkArgument;
import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableSet;
import java.util.Optional;

/**
 * Which jobs to list. Immutable; begin with {@link #ALL}.
 *
 * @param states those in one of these; none is all
 * @param function those of this function; empty is all
 * @param limit how many at most, the latest first; 1 or more
 */
public record JobFilter(ImmutableSet<JobState> states, Optional<String> function, int limit) {

  /** The latest 100. */
  public static final JobFilter ALL = new JobFilter(ImmutableSet.of(), Optional.empty(), 100);

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException where one is not legal; the message names it
   */
  public JobFilter {
    requireNonNull(function);
    checkArgument(!states.contains(JobState.UNKNOWN), "states has UNKNOWN: want those of jobs");
    checkArgument(!function.equals(Optional.of("")), "function is empty: want a name");
    checkArgument(limit >= 1, "limit is %s: want 1 or more", limit);
  }

  /** Only those in one of these. */
  public JobFilter withStates(JobState... states) {
    return new JobFilter(ImmutableSet.copyOf(states), function, limit);
  }

  /** Only those of that function. */
  public JobFilter withFunction(String function) {
    return new JobFilter(states, Optional.of(function), limit);
  }

  /** At most so many; default 100. */
  public JobFilter withLimit(int limit) {
    return new JobFilter(states, function, limit);
  }
}
