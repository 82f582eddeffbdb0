package io.clutch.worker.internal.supervised;

import java.time.Duration;
import java.util.List;

/** What the supervisor wants of this process. Called on a network thread; returns at once. */
public interface Orders {

  /** Finish the calls, then exit. */
  void drain(Duration atMost);

  /** The pool has so many children now. */
  void poolSize(int size);

  /** The others in the pool take calls on these sockets now. */
  void siblings(List<String> sockets);

  /** There are durable background calls in the store. */
  void jobsWait();

  /**
   * The process of another child has ended.
   *
   * @param how for people
   */
  void childGone(int slot, long generation, long processId, String how);

  /** The supervisor has gone. */
  void lost();
}
