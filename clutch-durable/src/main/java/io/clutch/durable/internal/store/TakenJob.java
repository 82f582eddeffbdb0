package io.clutch.durable.internal.store;

import io.clutch.durable.internal.record.JobRecord;
import io.clutch.durable.internal.record.JobStory;

/**
 * A job that a process has taken.
 *
 * @param seq its number in the store
 * @param attempts how often it was started before
 */
public record TakenJob(long seq, String jobId, int attempts, JobRecord record, JobStory story) {}
