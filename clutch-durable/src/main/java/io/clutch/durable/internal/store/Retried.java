package io.clutch.durable.internal.store;

import org.jspecify.annotations.Nullable;

/**
 * What came of the wish to have a job run again.
 *
 * @param before its state before
 * @param keyHolder the job that has its unique key now, for which nothing was done; null where none
 *     has
 */
public record Retried(RowState before, @Nullable String keyHolder) {}
