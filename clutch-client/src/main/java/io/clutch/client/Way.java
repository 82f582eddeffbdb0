package io.clutch.client;

import io.clutch.client.internal.stream.OutgoingCall;
import io.clutch.protocol.ClutchException;
import org.jspecify.annotations.Nullable;

/** How an attempt of a call gets to a worker, and what becomes of it back. */
interface Way {

  /**
   * An attempt, which is to be started.
   *
   * @param form what the answer is
   * @param caller hears what becomes of it
   */
  <R> Sent attempt(OutgoingCall call, UnaryForm<?, ?, R> form, RepeatingCall<R, ?> caller);

  /** One attempt. */
  interface Sent {

    /** Begins it; what becomes of it may be known before this returns. */
    void start();

    /** Nobody waits for it any more. */
    void cancel();

    /** The server that has, or had, it; null where that is not known. */
    @Nullable String server();
  }

  /**
   * Hears what becomes of an attempt: one of these, once.
   *
   * @param <R> the answer
   */
  interface Listener<R> {

    /** There is an answer. */
    void succeeded(R answer);

    /**
     * It has failed.
     *
     * @param reached whether it was given to a worker, whatever that did with it
     */
    void failed(ClutchException failure, boolean reached);

    /** It was not sent, and is to go another way. */
    void unsent();
  }
}
