package io.clutch.client.internal.stream;

import com.google.common.collect.ImmutableList;
import io.clutch.client.internal.balance.StreamPlace;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The stream that waits for a connection, and what went wrong with opening streams. Guarded by the
 * lock of the {@link CallSpread}.
 */
final class Opening {

  private @Nullable CallStream stream;

  /** Whether another one is to be opened a moment later. */
  private boolean pausing;

  private int failures;
  private int inSuccession;
  private @Nullable ClutchException latest;

  /** Where a worker refused a stream for good, so that no call need wait; until when that holds. */
  private final List<StreamPlace> refused = new ArrayList<>();

  private long refusedUntil;

  // The one that waits.

  /** Whether one waits for a connection. */
  boolean hasStream() {
    return stream != null;
  }

  /** Whether no stream is to come, if none is opened now. */
  boolean isIdle() {
    return stream == null && !pausing;
  }

  void begin(CallStream opened) {
    stream = opened;
  }

  /** It waits no more, however that came; false where it did not wait. */
  boolean end(CallStream opened) {
    if (stream != opened) {
      return false;
    }
    stream = null;
    return true;
  }

  /** None is to be opened before {@link #resume}. */
  void pause() {
    pausing = true;
  }

  void resume() {
    pausing = false;
  }

  /** No stream is wanted any more. */
  void giveUp() {
    stream = null;
  }

  /** What it waits for; null where there is none, or that is not known. */
  @Nullable String obstacle() {
    return stream == null ? null : stream.obstacle();
  }

  // Trouble.

  /** How often it has failed so far. */
  int failures() {
    return failures;
  }

  /** What it failed with last, since it worked last; null where it did not fail since. */
  @Nullable ClutchException latest() {
    return latest;
  }

  /** One was opened. */
  void worked() {
    latest = null;
  }

  /** One lasted for a while. */
  void lasted() {
    inSuccession = 0;
  }

  /** One has ended too soon, or was not opened; gives how often that was so in succession. */
  int countSuccession() {
    return ++inSuccession;
  }

  /** One could not be opened. */
  void failed(ClutchException why) {
    failures++;
    latest = why;
  }

  /** A worker does not want it, and most likely won't for so long. */
  void refused(StreamPlace place, Duration pause) {
    refused.add(place);
    refusedUntil = System.nanoTime() + pause.toNanos();
  }

  /** Whether a worker has said so just now. */
  boolean isRefused() {
    return !refused.isEmpty() && System.nanoTime() - refusedUntil < 0;
  }

  /** What calls fail with meanwhile. */
  ClutchException refusal() {
    return latest == null
        ? ClutchException.notStarted(Reason.UNAVAILABLE, "no worker takes a call stream")
        : latest;
  }

  /** They may be asked again. */
  List<StreamPlace> takeRefused() {
    List<StreamPlace> places = ImmutableList.copyOf(refused);
    refused.clear();
    return places;
  }
}
