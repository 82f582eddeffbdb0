package io.clutch.worker;

import io.clutch.protocol.ClutchException;
import io.clutch.v1.Payload;

/** Takes the outcome of a call, once; from any thread. */
interface Answer {

  void result(Payload result);

  void failure(ClutchException failure);

  /** The function has come so far; not after its outcome. Dropped where nobody can be told. */
  default void progress(long done, long total, String note) {}

  /**
   * Whether a call that failed so goes back, for another worker to run it: then it never was here.
   */
  default boolean isReturn(ClutchException failure) {
    return false;
  }
}
