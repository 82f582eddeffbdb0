package io.clutch.worker.jobs;

import io.clutch.protocol.ClutchException;
import io.clutch.v1.CountJobsResponse;
import io.clutch.v1.Job;
import io.clutch.v1.ListJobsRequest;
import io.clutch.v1.ListJobsResponse;
import java.util.concurrent.CompletableFuture;

/**
 * Keeps durable background calls, and has them run. Thread-safe; nothing here blocks but {@link
 * #close}. Futures complete with a {@link ClutchException}, STORE_UNAVAILABLE among others, where
 * they fail.
 */
public interface JobKeeper extends AutoCloseable {

  /** The worker serves: from now on jobs are run. */
  void start();

  /** Takes a job. Completes when it is on disk. */
  CompletableFuture<AcceptedJob> accept(NewJob job);

  /** How a job is; JOB_NOT_FOUND. */
  CompletableFuture<Job> job(String id, boolean withResult);

  /**
   * Tells how a job is, until it has ended.
   *
   * @return ends it
   */
  Runnable watch(String id, JobWatch watch);

  /** Those that are asked for. */
  CompletableFuture<ListJobsResponse> jobs(ListJobsRequest request);

  /** How many there are. */
  CompletableFuture<CountJobsResponse> count();

  /** Ends a job, or asks it to; JOB_NOT_FOUND. */
  CompletableFuture<Job> cancel(String id);

  /** Has a job run again; JOB_NOT_FOUND, WRONG_JOB_STATE. */
  CompletableFuture<Job> retry(String id);

  /** A place may have become free. */
  void placeFree();

  /** Another process has found jobs that it has no room for. */
  void jobsWait();

  /**
   * A process of the same pool has ended.
   *
   * @param how for people
   */
  void childGone(int slot, long generation, long processId, String how);

  /** Starts no further job. What waits here is for others; what runs goes on. */
  void drain();

  /** After all that ran has ended: writes what is still to be written, and ends. */
  @Override
  void close();
}
