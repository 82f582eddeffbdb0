package io.clutch.client;

import static java.util.Objects.requireNonNull;

/**
 * How far a function has come, as it says itself.
 *
 * @param done of {@code total}; both in the function's own unit
 * @param total 0 where that is not known
 * @param note for people; may be empty
 */
public record Progress(long done, long total, String note) {

  /** Checks the values. */
  public Progress {
    requireNonNull(note);
  }
}
