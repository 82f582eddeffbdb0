package io.clutch.durable.internal.store;

import io.clutch.durable.internal.record.JobRecord;
import io.clutch.durable.internal.record.JobStory;
import org.jspecify.annotations.Nullable;

/** What becomes of a job that this process has taken. */
public sealed interface Change {

  /** The job's number in the store. */
  long seq();

  /**
   * It has ended.
   *
   * @param forgetAtMillis since 1970
   * @param record what takes the place of its record; null where that stays
   */
  record End(
      long seq,
      RowState state,
      int attempts,
      long forgetAtMillis,
      @Nullable JobRecord record,
      JobStory story)
      implements Change {}

  /** It is to run again. */
  record Again(long seq, int attempts, Start start, JobStory story) implements Change {}

  /** It was not started, and is for whoever has a place. */
  record HandBack(long seq) implements Change {}

  /** It has come further. */
  record Progress(long seq, JobStory story) implements Change {}
}
