package io.clutch.worker;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Started;
import io.clutch.v1.Payload;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The outcome of a background call: nobody waits for it, so failures are logged. */
final class BackgroundAnswer implements Answer {

  private static final Logger log = LoggerFactory.getLogger(Worker.class);

  private final String function;
  private final String id;

  BackgroundAnswer(String function, String id) {
    this.function = function;
    this.id = id;
  }

  @Override
  public void result(Payload result) {
    log.debug("background call {} of '{}' done", id, function);
  }

  @Override
  public void failure(ClutchException failure) {
    log.warn(
        "background call {} of '{}' {}: {}",
        id,
        function,
        failure.started() == Started.NO ? "was not run" : "failed",
        failure.getMessage(),
        failure);
  }
}
