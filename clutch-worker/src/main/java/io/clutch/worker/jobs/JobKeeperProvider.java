package io.clutch.worker.jobs;

import java.io.IOException;

/** Makes a {@link JobKeeper}; found by {@link java.util.ServiceLoader}. */
public interface JobKeeperProvider {

  /**
   * Opens a store. One that cannot be reached at present is opened later: until then what needs it
   * fails.
   *
   * @throws IllegalArgumentException where the store's name or an option makes no sense
   * @throws IOException where it can never be of use as it is, such as a folder that cannot be
   *     written; the message names it and the cause
   */
  JobKeeper open(JobKeeping keeping, JobPlaces places) throws IOException;
}
