package io.clutch.protocol;

/**
 * Why a call failed: a closed set, the same as {@code clutch.v1.ErrorReason} on the wire.
 *
 * <p>What each means for the caller is described in {@code clutch/v1/error.proto}.
 */
public enum Reason {
  /** The worker has no function of that name. Never started. */
  FUNCTION_NOT_FOUND,
  /** The function threw. Started. */
  FUNCTION_FAILED,
  /** The request is malformed, or its payload does not fit the function's argument. */
  BAD_ARGUMENTS,
  /** The result cannot be made a payload, or not the type that the caller asked for. */
  BAD_RESULT,
  /** The argument or the result is larger than the limit. */
  MESSAGE_TOO_LARGE,
  /** The worker's queue is full. Never started. */
  QUEUE_FULL,
  /** The worker is about to stop. Never started. */
  DRAINING,
  /** The caller's deadline passed. */
  DEADLINE_EXCEEDED,
  /** The function ran longer than the worker lets it. Started. */
  FUNCTION_TIMEOUT,
  /** The caller cancelled the call. */
  CANCELLED,
  /** No worker could be reached, or the connection was lost. */
  UNAVAILABLE,
  /** Functions called each other deeper than the limit. Started. */
  CASCADE_TOO_DEEP,
  /** The other side does not speak this protocol, or not this part of it. */
  UNSUPPORTED,
  /** The caller has not proved who it is. Never started. */
  UNAUTHENTICATED,
  /** The caller may not call this function. Never started. */
  PERMISSION_DENIED,
  /** A durable call, or a question about a job, to a worker that keeps none. Never started. */
  NO_STORE,
  /** The worker's store cannot be written or read at present. */
  STORE_UNAVAILABLE,
  /** There is no job of that id, or not any more. */
  JOB_NOT_FOUND,
  /** The job is in a state in which that cannot be done, or it has no result. */
  WRONG_JOB_STATE,
  /** A defect in Clutch or in something between client and worker. */
  INTERNAL;

  /**
   * Whether the same call may well succeed elsewhere, or here a moment later, so that repeating it
   * is worth while where it was not started.
   */
  public boolean isTransient() {
    return switch (this) {
      case QUEUE_FULL, DRAINING, UNAVAILABLE, STORE_UNAVAILABLE -> true;
      default -> false;
    };
  }
}
