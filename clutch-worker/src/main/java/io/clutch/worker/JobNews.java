package io.clutch.worker;

/**
 * What the supervisor says to whoever runs durable background calls. Called on a network thread;
 * returns at once.
 */
interface JobNews {

  /** There are some in the store; another one may be quicker. */
  void jobsWait();

  /**
   * A process of the same pool has ended: what it was about to run is for others.
   *
   * @param how it ended, for people
   */
  void childGone(int slot, long generation, long processId, String how);
}
