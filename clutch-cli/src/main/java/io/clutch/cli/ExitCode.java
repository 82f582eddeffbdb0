package io.clutch.cli;

import io.clutch.protocol.ClutchException;

/** What the exit codes mean. */
final class ExitCode {

  /** Fine. */
  static final int OK = 0;

  /** The function or the operation failed. */
  static final int FAILED = 1;

  /** Wrong usage. */
  static final int USAGE = 2;

  /** No worker could be reached, or time ran out. */
  static final int UNREACHABLE = 3;

  private ExitCode() {}

  static int of(ClutchException failure) {
    return switch (failure.reason()) {
      case UNAVAILABLE,
          STORE_UNAVAILABLE,
          DRAINING,
          QUEUE_FULL,
          DEADLINE_EXCEEDED,
          FUNCTION_TIMEOUT ->
          UNREACHABLE;
      default -> FAILED;
    };
  }
}
