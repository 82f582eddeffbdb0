package io.clutch.durable.internal.store;

import io.clutch.durable.internal.record.JobRecord;

/**
 * A job to be put into the store.
 *
 * @param start when it may run
 * @param taken whether the process that puts it there takes it at once
 */
public record NewRow(String jobId, JobRecord record, Start start, boolean taken) {

  /** The same, taken. */
  public NewRow take() {
    return new NewRow(jobId, record, start, true);
  }
}
