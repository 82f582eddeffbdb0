package io.clutch.worker.internal.siblings;

import io.clutch.protocol.ClutchException;
import io.clutch.v1.Payload;
import io.clutch.v1.StreamedCall;

/**
 * A call that was taken to be run by a sibling. Exactly one of {@link #succeeded}, {@link #failed}
 * and {@link #back} is called, whatever became of its caller.
 */
public interface HandedCall {

  /**
   * What the sibling needs to know of it, without its id on the stream, its argument and its time.
   */
  StreamedCall.Builder head();

  /** Its argument. */
  Payload argument();

  /** The time until its caller's deadline; {@link Long#MAX_VALUE} where there is none. */
  long nanosLeft();

  /** Whether nobody waits for it any more. */
  boolean isCancelled();

  /**
   * Sets what is called when nobody waits for it any more, on any thread; at once where that is so.
   */
  void whenCancelled(Runnable tell);

  /** The sibling has run it. */
  void succeeded(Payload result);

  /** The sibling has run it, or may have. */
  void failed(ClutchException failure);

  /**
   * It was not started, and is the next one to run here.
   *
   * @param stays whether it is not to be handed over again, for a sibling found something wrong
   *     with it
   */
  void back(boolean stays);
}
