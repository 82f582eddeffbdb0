package io.clutch.testing;

/**
 * How often a function was called since the test began. A call that is sent again counts again.
 *
 * @param received how many requests came to the worker, background calls included
 * @param started how often the function was started, cascades included
 * @param finished how many of those runs have ended, one way or the other
 */
public record Calls(int received, int started, int finished) {

  static final Calls NONE = new Calls(0, 0, 0);

  /** How many runs are under way. */
  public int running() {
    return started - finished;
  }

  Calls withReceived() {
    return new Calls(received + 1, started, finished);
  }

  Calls withStarted() {
    return new Calls(received, started + 1, finished);
  }

  Calls withFinished() {
    return new Calls(received, started, finished + 1);
  }
}
