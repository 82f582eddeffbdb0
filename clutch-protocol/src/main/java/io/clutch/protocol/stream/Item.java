package io.clutch.protocol.stream;

import org.jspecify.annotations.Nullable;

/**
 * Something to be said on a call stream.
 *
 * @param <B> builds the message
 */
public interface Item<B> {

  /** About how many bytes it adds to a message. */
  int size();

  /**
   * Adds itself to a message.
   *
   * @return the parts of a payload that are to follow; null where it is whole
   */
  @Nullable Parts writeTo(B message);
}
