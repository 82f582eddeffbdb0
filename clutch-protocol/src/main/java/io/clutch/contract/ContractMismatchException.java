package io.clutch.contract;

import com.google.common.collect.ImmutableList;

/**
 * An interface and a worker that don't fit each other. No function was called; the same worker
 * would not fit a moment later, unless it is replaced by another version.
 */
public final class ContractMismatchException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final ImmutableList<String> mismatches;

  ContractMismatchException(String message, ImmutableList<String> mismatches) {
    super(message);
    this.mismatches = mismatches;
  }

  /** What doesn't fit: for each function its name, and both signatures. */
  public ImmutableList<String> mismatches() {
    return mismatches;
  }
}
