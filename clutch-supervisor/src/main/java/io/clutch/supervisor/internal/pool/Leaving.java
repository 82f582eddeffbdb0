package io.clutch.supervisor.internal.pool;

/** Why a child has to go at once, ready replacement or not. */
public enum Leaving {
  /** It has taken as many calls as it may. */
  REQUEST_LIMIT("has taken all calls that it may take", true),
  /** Somebody else told it to stop: a signal, its own program. */
  TOLD_TO_STOP("was told to stop by someone else", false),
  /** It cannot be spoken to or given connections any more, though its process lives. */
  LOST("has lost its connection to the supervisor", false),
  /** An error left it in doubt. */
  FATAL_ERROR("met an error that leaves it in doubt", false),
  /** One of its functions goes on after its time. */
  HUNG("hangs in a function", true);

  private final String text;
  private final boolean planned;

  Leaving(String text, boolean planned) {
    this.text = text;
    this.planned = planned;
  }

  String text() {
    return text;
  }

  /** Whether its slot may be filled again without a pause. */
  boolean isPlanned() {
    return planned;
  }
}
