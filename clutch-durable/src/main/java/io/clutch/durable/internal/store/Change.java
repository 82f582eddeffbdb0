package io.clutch.durable.internal.store;

import io.clutch.durable.internal.record.JobStory;
import io.clutch.v1.Payload;
import org.jspecify.annotations.Nullable;

/** What becomes of a job that this process has taken. */
public sealed interface Change {

  /** The job's number in the store. */
  long seq();

  /**
   * It has ended.
   *
   * @param forgetAtMillis since 1970
   * @param result what is to be kept of what its function gave; null where nothing is
   */
  record End(
      long seq,
      RowState state,
      int attempts,
      long forgetAtMillis,
      JobStory story,
      @Nullable Payload result)
      implements Change {

    /** Whether its argument goes: nobody will run it again. */
    public boolean dropsPayload() {
      return state == RowState.DONE;
    }
  }

  /** It is to run again. */
  record Again(long seq, int attempts, Start start, JobStory story) implements Change {}

  /** It was not started, and is for whoever has a place. */
  record HandBack(long seq) implements Change {}

  /** It has come further. */
  record Progress(long seq, JobStory story) implements Change {}
}
