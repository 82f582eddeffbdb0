package io.clutch.supervisor.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.supervisor.internal.pool.Pool.Goal;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Many pools that everything happens to; {@link PoolInvariants} hold at each step. */
class RandomEventsTest {

  private static final int POOLS = 200;
  private static final int EVENTS = 200;

  /** Longer than anything that settled children have a pool wait for, one after another. */
  private static final int PATIENCE_SECONDS = 600;

  @Test
  void aPoolRecoversWhenThatEndsAndItsRestartToo() {
    withManyPools(
        (pool, events) -> {
          hostile(pool, events);
          awaitThat(pool, () -> pool.isOver() || isWell(pool.pool()));
          if (pool.isOver()) {
            // The one way to end without being told to.
            assertThat(pool.last(Action.Exit.class).code()).isEqualTo(Planner.EXIT_NEVER_READY);
            assertThat(pool.pool().everReady()).isFalse();
          } else {
            assertThat(pool.pool().isAnnounced()).isTrue();
          }
        });
  }

  @Test
  void aPoolThatIsToldToEndsWhateverHappens() {
    withManyPools(
        (pool, events) -> {
          hostile(pool, events);
          events.leave(pool);
          hostile(pool, events);
          awaitThat(pool, pool::isOver);
          int code = pool.pool().goal() == Goal.LEAVE_NOW ? 143 : 0;
          assertThat(pool.last(Action.Exit.class).code()).isIn(code, Planner.EXIT_NEVER_READY);
        });
  }

  private static void withManyPools(BiConsumer<PoolSimulation, RandomEvents> test) {
    for (int i = 0; i < POOLS; i++) {
      long seed = ThreadLocalRandom.current().nextLong();
      Random random = new Random(seed);
      RandomEvents events = new RandomEvents(random);
      PoolSettings settings = events.settings().build();
      try {
        test.accept(new PoolSimulation(settings, random), events);
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("seed %d, %s".formatted(seed, settings), e);
      }
    }
  }

  /** Nothing bad happens any more. */
  private static void awaitThat(PoolSimulation pool, BooleanSupplier condition) {
    for (int i = 0; !condition.getAsBoolean(); i++) {
      assertThat(i).as("seconds until the pool is well").isLessThan(PATIENCE_SECONDS);
      pool.liveFor(TestSettings.BOOT_TIME);
    }
  }

  private static boolean isWell(Pool pool) {
    return pool.readyChildren() == pool.size() && !pool.isRestarting();
  }

  private static void hostile(PoolSimulation pool, RandomEvents events) {
    for (int i = 0; i < EVENTS && !pool.isOver(); i++) {
      events.happen(pool);
    }
  }
}
