package io.clutch.durable.internal.store;

/** What a job's row says of it. Their numbers are in the store, so their order is fixed. */
public enum RowState {
  /** Waits for a process that takes it. */
  PENDING(0),
  /** Waits for its time. */
  SCHEDULED(1),
  /** A process has taken it; whether it has started is for that one's marks to say. */
  TAKEN(2),
  /** A process has taken and started it. */
  STARTED(3),
  /** Its function has returned. */
  DONE(4),
  /** Its last attempt failed. */
  DEAD(5),
  /** It was not wanted any more. */
  CANCELLED(6),
  /** Its time was over before it started. */
  EXPIRED(7);

  private static final RowState[] ALL = values();

  private final int number;

  RowState(int number) {
    this.number = number;
  }

  /**
   * The state of that number.
   *
   * @throws IllegalArgumentException where there is none
   */
  public static RowState of(int number) {
    if (number < 0 || number >= ALL.length) {
      throw new IllegalArgumentException("there is no state " + number);
    }
    return ALL[number];
  }

  /** Its number. */
  public int number() {
    return number;
  }

  /** Whether nothing more becomes of such a job by itself. */
  public boolean isEnded() {
    return compareTo(DONE) >= 0;
  }
}
