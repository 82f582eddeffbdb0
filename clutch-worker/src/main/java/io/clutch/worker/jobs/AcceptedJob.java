package io.clutch.worker.jobs;

/**
 * A job that is on disk.
 *
 * @param existed whether it had been accepted before
 */
public record AcceptedJob(String jobId, boolean existed) {}
