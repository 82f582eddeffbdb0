package io.clutch.client;

/** Where a job is in its life. */
public enum JobState {
  /** Waits for its time: delayed, or between two attempts. */
  SCHEDULED,
  /** Waits for a place in a worker. */
  PENDING,
  /** An attempt is under way. */
  RUNNING,
  /** Its function has returned. */
  DONE,
  /** Its last attempt failed, or ended with its process: set aside for people to see. */
  DEAD,
  /** It was cancelled. */
  CANCELLED,
  /** It did not start in time. */
  EXPIRED,
  /** One that this version of the client does not know. */
  UNKNOWN;

  /** Whether nothing more happens to the job, unless it is retried. */
  public boolean isEnded() {
    return switch (this) {
      case DONE, DEAD, CANCELLED, EXPIRED -> true;
      case SCHEDULED, PENDING, RUNNING, UNKNOWN -> false;
    };
  }
}
