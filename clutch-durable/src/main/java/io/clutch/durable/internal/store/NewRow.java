package io.clutch.durable.internal.store;

import io.clutch.durable.internal.record.JobRecord;
import io.clutch.v1.Payload;

/**
 * A job to be put into the store.
 *
 * @param payload its argument
 * @param start when it may run
 * @param taken whether the process that puts it there takes it at once
 */
public record NewRow(String jobId, JobRecord record, Payload payload, Start start, boolean taken) {

  /** The same, taken. */
  public NewRow take() {
    return new NewRow(jobId, record, payload, start, true);
  }

  /** About how many bytes it has. */
  public int bytes() {
    return record.getSerializedSize() + payload.getSerializedSize();
  }
}
