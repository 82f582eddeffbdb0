package io.clutch.client;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * An attempt of a job that failed.
 *
 * @param number from 1
 * @param startedAt when it began
 * @param endedAt when it was over, or was found to be
 * @param worker the process that ran it, for people
 * @param reason the name of a {@link io.clutch.protocol.Reason}; of a later version's worker it may
 *     be another one
 * @param message what happened, for people: the message of what was thrown, or how the process
 *     ended
 */
public record JobAttempt(
    int number, Instant startedAt, Instant endedAt, String worker, String reason, String message) {

  /** Checks the values. */
  public JobAttempt {
    requireNonNull(startedAt);
    requireNonNull(endedAt);
    requireNonNull(worker);
    requireNonNull(reason);
    requireNonNull(message);
  }
}
