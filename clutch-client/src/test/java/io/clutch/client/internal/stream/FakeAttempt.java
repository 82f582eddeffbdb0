package io.clutch.client.internal.stream;

import com.google.common.collect.ImmutableMap;
import io.clutch.client.internal.balance.CallTrail;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.v1.Payload;
import io.clutch.v1.Progress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** An attempt that notes what becomes of it. */
final class FakeAttempt extends StreamedAttempt {

  /** A payload, an id, a failure, or "unsent". */
  final CompletableFuture<Object> outcome = new CompletableFuture<>();

  private FakeAttempt(OutgoingCall call, long expiresAt) {
    super(call, expiresAt, null);
  }

  static FakeAttempt call(String function) {
    return of(function, false);
  }

  static FakeAttempt background(String function) {
    return of(function, true);
  }

  private static FakeAttempt of(String function, boolean background) {
    return new FakeAttempt(
        new OutgoingCall(
            function, Payload.getDefaultInstance(), "", ImmutableMap.of(), background, null),
        System.nanoTime() + Duration.ofMinutes(5).toNanos());
  }

  private void end(Object with) {
    if (!outcome.complete(with)) {
      outcome.obtrudeException(new AssertionError("a second outcome: " + with));
    }
  }

  @Override
  protected void succeeded(Payload payload) {
    end(payload);
  }

  @Override
  protected void accepted(String callId) {
    end(callId);
  }

  @Override
  protected void failed(ClutchException failure, boolean reached) {
    end(failure);
  }

  @Override
  protected void unsent() {
    end("unsent");
  }

  @Override
  protected void progressed(Progress progress) {}

  @Override
  protected void waited(long nanos, @Nullable Reason dropped) {}

  @Override
  protected boolean isToldDirectly() {
    return false;
  }

  @Override
  protected CallTrail newTrail() {
    return new CallTrail();
  }

  @Override
  public String toString() {
    return call().function();
  }
}
