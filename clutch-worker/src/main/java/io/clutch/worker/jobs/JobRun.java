package io.clutch.worker.jobs;

/** An attempt that was started. Thread-safe. */
public interface JobRun {

  /** Asks it to stop: then it fails as CANCELLED. Does nothing where it has ended. */
  void cancel(String message);
}
