package io.clutch.supervisor.internal.pool;

import com.google.common.collect.ImmutableList;
import io.clutch.supervisor.internal.pool.Child.State;
import io.clutch.supervisor.internal.pool.Pool.Goal;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/** A hostile world: whatever can happen to a pool and its children, in any order. */
final class RandomEvents {

  private static final ImmutableList<Leaving> REASONS = ImmutableList.copyOf(Leaving.values());
  private static final ImmutableList<Goal> ENDS =
      ImmutableList.of(Goal.LEAVE_SLOWLY, Goal.LEAVE, Goal.LEAVE_NOW);

  private final Random random;

  RandomEvents(Random random) {
    this.random = random;
  }

  /** Settings of which each may be off, short or long. */
  TestSettings settings() {
    TestSettings settings =
        TestSettings.pool(1 + random.nextInt(6))
            .spawnInterval(oneOf(0, 0, 1, 10))
            .errRespawnInterval(oneOf(0, 1, 5, 60))
            .bootTimeout(oneOf(5, 60))
            .heartbeatTimeout(oneOf(3, 15, 1000))
            .gracefulTimeout(oneOf(0, 3, 30))
            .killGrace(oneOf(0, 5))
            .maxLifetime(oneOf(0, 0, 0, 60))
            .maxMemory(random.nextBoolean() ? 0 : 1000);
    return random.nextBoolean() ? settings : settings.maxRequests(100).maxRequestsJitter(20);
  }

  private Duration oneOf(int... seconds) {
    return Duration.ofSeconds(seconds[random.nextInt(seconds.length)]);
  }

  /** One thing happens. */
  void happen(PoolSimulation pool) {
    switch (random.nextInt(20)) {
      case 0 -> pool.restart();
      case 1 -> pool.resize(1 + random.nextInt(6));
      case 2, 3, 4, 5 -> pool.advance(Duration.ofMillis(random.nextInt(2000)));
      case 6 -> pool.advance(Duration.ofMillis(random.nextInt(40_000)));
      case 7, 8 -> pool.heartbeats();
      default -> toAChild(pool);
    }
  }

  /** Someone wants the pool to end. */
  void leave(PoolSimulation pool) {
    pool.leave(ENDS.get(random.nextInt(ENDS.size())));
  }

  private void toAChild(PoolSimulation pool) {
    List<Child> children = pool.pool().children();
    if (children.isEmpty()) {
      return;
    }
    Child child = children.get(random.nextInt(children.size()));
    switch (random.nextInt(10)) {
      case 0, 1, 2, 3 -> {
        if (child.is(State.STARTING)) {
          pool.ready(child);
        } else if (!child.is(State.READY)) {
          pool.exit(child);
        }
      }
      case 4 -> pool.exit(child);
      case 5 -> child.heard(pool.now());
      case 6 -> child.counted(1, child.handled() + random.nextInt(50), Duration.ofSeconds(1));
      case 7 -> child.measured(random.nextInt(1500));
      case 8 -> child.leaves(REASONS.get(random.nextInt(REASONS.size())));
      default -> pool.heartbeats();
    }
    pool.advance(Duration.ZERO);
  }
}
