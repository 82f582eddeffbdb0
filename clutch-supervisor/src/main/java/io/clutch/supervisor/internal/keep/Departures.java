package io.clutch.supervisor.internal.keep;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.collect.ImmutableList;
import io.clutch.v1.AttachResponse.ChildGone;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/** Children that have gone of late, for those that come after them. Owned by the pool's thread. */
final class Departures {

  /** How long one is remembered. */
  static final Duration KEPT_FOR = Duration.ofSeconds(60);

  /** How many are remembered at most. */
  static final int KEPT = 100;

  private record Departure(ChildGone child, Instant at) {}

  private final Deque<Departure> recent = new ArrayDeque<>();

  /** One has gone. */
  void add(ChildGone child, Instant now) {
    recent.addLast(new Departure(child, now));
    if (recent.size() > KEPT) {
      recent.removeFirst();
    }
  }

  /** Those that went a short while ago, the oldest first. */
  ImmutableList<ChildGone> recent(Instant now) {
    Instant oldest = now.minus(KEPT_FOR);
    recent.removeIf(departure -> departure.at.isBefore(oldest));
    return recent.stream().map(Departure::child).collect(toImmutableList());
  }
}
