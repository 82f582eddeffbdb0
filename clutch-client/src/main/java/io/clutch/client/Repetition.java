package io.clutch.client;

/** What a call may do when a worker was lost that had it. */
enum Repetition {
  /** Its function must not run twice: it ends. */
  NEVER,

  /** Its function may run twice: it is sent again, but not for ever, for it may be the cause. */
  FEW_TIMES,

  /** It does once what it does however often it comes, and runs nothing: until its deadline. */
  ALWAYS,

  /** It asks something only: until its deadline, and there is never a doubt. */
  QUESTION;

  /**
   * @param losses how often a worker was lost, this time too
   */
  boolean isAllowedAfter(int losses) {
    return switch (this) {
      case NEVER -> false;
      case FEW_TIMES -> losses < CallHistory.MOST_LOSSES;
      case ALWAYS, QUESTION -> true;
    };
  }
}
