package io.clutch.durable.internal.store;

import io.clutch.durable.internal.record.JobRecord;
import io.clutch.durable.internal.record.JobStory;

/**
 * A job as the store has it.
 *
 * @param attempts how often it was started, an attempt that runs included
 * @param state TAKEN where somebody has it who has not started it yet
 * @param dueMillis since 1970, where it is SCHEDULED; else of no meaning
 * @param startedMillis of an attempt that runs; 0 where none does
 * @param worker who runs it, for people; empty where nobody does
 */
public record StoredJob(
    long seq,
    String jobId,
    RowState state,
    int attempts,
    long dueMillis,
    long startedMillis,
    String worker,
    JobRecord record,
    JobStory story) {}
