package io.clutch.supervisor;

/** An operation on a pool failed; the message says why. */
public final class PoolException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  PoolException(String message) {
    super(message);
  }

  PoolException(String message, Throwable cause) {
    super(message, cause);
  }
}
