package io.clutch.worker;

import io.clutch.protocol.ClutchException;
import io.clutch.v1.Payload;

/** Takes the outcome of a call, once; from any thread. */
interface Answer {

  void result(Payload result);

  void failure(ClutchException failure);
}
