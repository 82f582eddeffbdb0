package io.clutch.durable.internal.store;

import io.clutch.worker.jobs.AcceptedJob;
import java.util.List;

/**
 * What came of {@link Changes}.
 *
 * @param accepted one for each new job, in their order
 * @param taken new ones that were to be taken, then others
 * @param fromPending how many of those were pending
 * @param mayBeMore whether pending ones may be left that could be run here
 */
public record Written(
    List<AcceptedJob> accepted, List<TakenJob> taken, int fromPending, boolean mayBeMore) {}
