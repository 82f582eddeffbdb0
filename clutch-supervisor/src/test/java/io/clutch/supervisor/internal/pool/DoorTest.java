package io.clutch.supervisor.internal.pool;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What was accepted is dealt out before the last children leave. */
final class DoorTest {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final Pool pool =
      new Pool(
          new PoolSettings(
              2,
              Duration.ZERO,
              Duration.ofSeconds(1),
              Duration.ofSeconds(30),
              Duration.ofSeconds(30),
              Duration.ofSeconds(30),
              Duration.ofSeconds(5),
              0,
              0,
              0,
              Duration.ZERO),
          new Random(1));

  @BeforeEach
  void start() {
    for (int i = 0; i < 2; i++) {
      Child child = requireNonNull(pool.done(requireNonNull(next()), NOW));
      pool.ready(child, Duration.ofSeconds(30), NOW);
    }
    assertThat(doNext()).isInstanceOf(Action.AnnounceReady.class);
  }

  private @Nullable Action next() {
    return Planner.next(pool, NOW).action();
  }

  private Action doNext() {
    Action action = requireNonNull(next());
    pool.done(action, NOW);
    return action;
  }

  @Test
  void childrenLeaveWhenTheDoorIsClosed() {
    pool.leave(Pool.Goal.LEAVE, "test");

    assertThat(doNext()).isInstanceOf(Action.CloseDoor.class);
    assertThat(next()).isNull();
    pool.doorClosed();
    assertThat(doNext()).isInstanceOf(Action.Drain.class);
    assertThat(doNext()).isInstanceOf(Action.Drain.class);
    assertThat(next()).isNull();
  }

  @Test
  void whoLeaveSlowlyCloseItBeforeTheLastOne() {
    pool.leave(Pool.Goal.LEAVE_SLOWLY, "test");

    assertThat(doNext()).isInstanceOf(Action.Drain.class);
    assertThat(doNext()).isInstanceOf(Action.CloseDoor.class);
    assertThat(next()).isNull();
    pool.doorClosed();
    assertThat(doNext()).isInstanceOf(Action.Drain.class);
  }

  @Test
  void nobodyWaitsForItWhenAllAreKilled() {
    pool.leave(Pool.Goal.LEAVE_NOW, "test");

    assertThat(doNext()).isInstanceOf(Action.Kill.class);
    assertThat(doNext()).isInstanceOf(Action.Kill.class);
  }
}
