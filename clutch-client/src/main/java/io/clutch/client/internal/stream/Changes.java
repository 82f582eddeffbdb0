package io.clutch.client.internal.stream;

import io.clutch.protocol.TimeSource;
import java.util.ArrayList;
import java.util.List;

/**
 * What one step of the {@link CallSpread} has changed, to be told when its lock is free. Owned by
 * whoever takes the step.
 */
final class Changes {

  /** A call that has left the line for a stream, which is to be told so once. */
  private record Given(StreamedAttempt attempt, CallStream to) {}

  private final List<Given> given = new ArrayList<>();

  private List<StreamedAttempt> givenUp = List.of();
  private boolean news;
  private boolean needsStream;

  void give(StreamedAttempt attempt, CallStream to) {
    given.add(new Given(attempt, to));
  }

  /** Calls that were in the line when the end came. */
  void giveUp(List<StreamedAttempt> unsent) {
    givenUp = unsent;
  }

  List<StreamedAttempt> givenUp() {
    return givenUp;
  }

  /**
   * The step is done.
   *
   * @param news whether the line has become empty, or is so no more
   * @param needsStream whether calls wait and no stream is to come
   */
  void settle(boolean news, boolean needsStream) {
    this.news = news;
    this.needsStream = needsStream;
  }

  boolean isNews() {
    return news;
  }

  boolean needsStream() {
    return needsStream;
  }

  /** What was given goes to the heads of the streams' own lines. Not under the lock. */
  void send(TimeSource time) {
    for (Given each : given) {
      StreamedAttempt attempt = each.attempt();
      attempt.waited(time.ticker().nanoTime() - attempt.waitsSince, null);
      each.to().add(attempt);
    }
  }
}
