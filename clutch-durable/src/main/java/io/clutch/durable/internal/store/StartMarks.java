package io.clutch.durable.internal.store;

/**
 * Says of jobs that they were started, so that it is known when this process has died. Thread-safe.
 */
public interface StartMarks {

  /**
   * The job is about to start; false where there is no room to say so.
   *
   * @param nowMillis since 1970
   */
  boolean start(TakenJob job, long nowMillis);

  /** What became of it is in the store, or it was not started after all. */
  void settle(long seq);
}
