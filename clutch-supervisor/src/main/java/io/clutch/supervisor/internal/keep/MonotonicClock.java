package io.clutch.supervisor.internal.keep;

import java.time.Instant;
import java.time.InstantSource;

/** A clock that nobody sets: begins with the time of day and only goes on. Thread-safe. */
final class MonotonicClock implements InstantSource {

  private final Instant start = Instant.now();
  private final long startNanos = System.nanoTime();

  @Override
  public Instant instant() {
    return start.plusNanos(System.nanoTime() - startNanos);
  }
}
