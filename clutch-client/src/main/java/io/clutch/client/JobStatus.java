package io.clutch.client;

import static java.util.Objects.requireNonNull;

import com.google.common.collect.ImmutableList;
import java.time.Instant;
import java.util.Optional;

/**
 * How a job was when a worker was asked.
 *
 * @param id the job's
 * @param function the function's name
 * @param state where it is in its life
 * @param priority which jobs come first
 * @param uniqueKey the key of which there is one job at a time
 * @param attempts how often it was started
 * @param maxAttempts how often it may be
 * @param acceptedAt when it was accepted
 * @param dueAt where it is {@link JobState#SCHEDULED}: when it is to start, at the earliest
 * @param startedAt when the attempt began that runs, or was the last one
 * @param endedAt when it ended
 * @param failedAttempts the first one first; of very many, the last
 * @param progress where it runs, and its function says so: how far it has come, up to a second late
 * @param worker the process that runs it, or ran it last, for people: host, slot, generation and
 *     process id; empty before the first attempt
 * @param callId the id of the call that brought it, for logs
 * @param hasResult whether its result is kept
 */
public record JobStatus(
    String id,
    String function,
    JobState state,
    JobPriority priority,
    Optional<String> uniqueKey,
    int attempts,
    int maxAttempts,
    Instant acceptedAt,
    Optional<Instant> dueAt,
    Optional<Instant> startedAt,
    Optional<Instant> endedAt,
    ImmutableList<JobAttempt> failedAttempts,
    Optional<Progress> progress,
    String worker,
    String callId,
    boolean hasResult) {

  /** Checks the values. */
  public JobStatus {
    requireNonNull(id);
    requireNonNull(function);
    requireNonNull(state);
    requireNonNull(priority);
    requireNonNull(uniqueKey);
    requireNonNull(acceptedAt);
    requireNonNull(dueAt);
    requireNonNull(startedAt);
    requireNonNull(endedAt);
    requireNonNull(failedAttempts);
    requireNonNull(progress);
    requireNonNull(worker);
    requireNonNull(callId);
  }
}
