package io.clutch.supervisor.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.supervisor.internal.pool.Child.State;
import io.clutch.supervisor.internal.pool.Pool.Goal;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What holds of every pool at any time, whatever happens to it. */
final class PoolInvariants {

  /** Later than anything that a pool waits for. */
  private static final Duration AGES = Duration.ofDays(365 * 400);

  private final Pool pool;

  /** Children that were drained because their replacement was ready. */
  private final Set<Child> relieved = new HashSet<>();

  private @Nullable Instant lastSpawn;

  PoolInvariants(Pool pool) {
    this.pool = pool;
  }

  void checkBefore(Action action, Instant now) {
    if (action instanceof Action.Spawn spawn) {
      checkSpawn(spawn, now);
    } else if (action instanceof Action.Drain drain) {
      checkDrain(drain);
    } else if (action instanceof Action.Kill kill) {
      assertThat(pool.children()).contains(kill.child());
      assertThat(kill.child().state()).isNotEqualTo(State.KILLED);
    } else if (action instanceof Action.DumpThreads dump) {
      assertThat(pool.children()).contains(dump.child());
      assertThat(dump.child().state()).isEqualTo(State.READY);
    } else if (action instanceof Action.Exit) {
      assertThat(pool.children()).as("children at the end").isEmpty();
    } else if (action instanceof Action.AnnounceReady) {
      assertThat(pool.isAnnounced()).as("announced before").isFalse();
      assertThat(pool.readyChildren()).as("ready when announced").isPositive();
    } else if (action instanceof Action.EndRestart) {
      assertThat(pool.isRestarting()).as("restarting").isTrue();
    }
  }

  private void checkSpawn(Action.Spawn spawn, Instant now) {
    assertThat(pool.goal()).as("goal at a spawn").isEqualTo(Goal.SERVE);
    assertThat(spawn.slot()).as("slot").isBetween(1, pool.size());
    assertThat(pool.children().stream().filter(child -> child.slot() <= pool.size()).count())
        .as("living in the pool's slots before a spawn, of %d", pool.size())
        .isLessThanOrEqualTo(pool.size());
    if (lastSpawn != null) {
      assertThat(Duration.between(lastSpawn, now))
          .as("between two spawns")
          .isGreaterThanOrEqualTo(pool.settings().spawnInterval());
    }
    lastSpawn = now;
    if (spawn.replaced() == null) {
      assertThat(pool.children())
          .as("in the slot to be filled")
          .noneMatch(child -> child.slot() == spawn.slot() && child.isComingOrServing());
    } else {
      assertThat(pool.children())
          .as("all while one is to be replaced")
          .hasSize(pool.size())
          .allMatch(child -> child.is(State.READY));
    }
  }

  private void checkDrain(Action.Drain drain) {
    Child child = drain.child();
    assertThat(pool.children()).contains(child);
    assertThat(child.state()).isIn(State.STARTING, State.READY);
    boolean isRelief =
        pool.goal() == Goal.SERVE && child.leaving() == null && child.slot() <= pool.size();
    if (isRelief) {
      assertThat(pool.children())
          .as("replacement of %s", child)
          .anyMatch(other -> other.replaced() == child && other.is(State.READY));
      relieved.retainAll(pool.children());
      assertThat(relieved).as("others that were relieved and still live").isEmpty();
      relieved.add(child);
    }
  }

  /** The planner has nothing to do at {@code now}. */
  void checkWhenSettled(@Nullable Instant wakeUp, Instant now) {
    if (wakeUp == null) {
      assertThat(Planner.next(pool, now.plus(AGES)).action())
          .as("what is due though nobody will ask")
          .isNull();
    } else {
      assertThat(wakeUp).as("when to ask again").isAfter(now);
      assertThat(Planner.next(pool, wakeUp.minusNanos(1)))
          .as("the plan just before it is to be asked for again")
          .isEqualTo(new Planner.Step(null, wakeUp));
    }
    if (pool.goal() == Goal.SERVE) {
      checkReady();
    }
  }

  private void checkReady() {
    Set<Integer> slots =
        pool.children().stream()
            .filter(child -> child.is(State.READY))
            .map(Child::slot)
            .collect(Collectors.toSet());
    assertThat(pool.readyChildren()).as("ready, in slots %s", slots).isEqualTo(slots.size());
    assertThat(slots).allMatch(slot -> slot <= pool.size(), "slot of the pool");
  }
}
