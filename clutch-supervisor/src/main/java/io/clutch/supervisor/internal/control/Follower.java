package io.clutch.supervisor.internal.control;

import io.clutch.v1.PoolEvent;
import io.grpc.Status;

/** Someone who follows an operation to its end. Called on the pool's thread; must not block. */
public interface Follower {

  /**
   * Something happened.
   *
   * @param done of {@code total} children, as far as the operation counts any
   */
  void event(PoolEvent event, int done, int total);

  /** The operation has come to a good end. */
  void done();

  /** The operation has failed; {@code why} is for people. */
  void failed(Status.Code code, String why);
}
