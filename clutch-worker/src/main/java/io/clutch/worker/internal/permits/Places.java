package io.clutch.worker.internal.permits;

/** The places where calls run, and the queue in front of them. Thread-safe. */
public interface Places {

  /** How many calls run at the same time at most. */
  int concurrency();

  /** How many calls could begin now; 0 while any wait. */
  int free();

  /** How many calls wait. */
  int waiting();

  /** How many of those came without a permit: in the background, or over RPCs of their own. */
  int backlog();

  /** How many calls have ended so far. */
  long ended();

  /** Sends back those that came with a permit and wait. */
  void giveBack();
}
