package io.clutch.durable.internal.store;

import io.clutch.durable.internal.record.JobRecord;
import io.clutch.durable.internal.record.JobStory;
import io.clutch.v1.Payload;

/**
 * A job that a process has taken.
 *
 * @param seq its number in the store
 * @param attempts how often it was started before
 * @param payload its argument; empty for one of the dead, which is not run from here
 */
public record TakenJob(
    long seq, String jobId, int attempts, JobRecord record, Payload payload, JobStory story) {}
