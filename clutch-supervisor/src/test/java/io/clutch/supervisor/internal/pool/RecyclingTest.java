package io.clutch.supervisor.internal.pool;

import static io.clutch.supervisor.internal.pool.TestSettings.pool;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.supervisor.internal.pool.Child.State;
import io.clutch.supervisor.internal.pool.Pool.Goal;
import org.junit.jupiter.api.Test;

class RecyclingTest {

  private static final long MIB = 1 << 20;

  @Test
  void aChildThatHoldsTooMuchMemoryIsReplaced() {
    PoolSimulation pool = pool(2).maxMemory(100 * MIB).serving();

    pool.measured(1, 100 * MIB);
    assertThat(pool.did()).isEmpty();
    pool.measured(1, 101 * MIB);
    assertThat(pool.did()).containsExactly("spawn 1.2 for 1.1");
    pool.ready(1);

    assertThat(pool.did()).containsExactly("drain 1.1");
    assertThat(pool.last(Action.Drain.class).why()).contains("101 MiB", "100");
  }

  @Test
  void oneThatHoldsTooMuchFromItsStartIsReplacedOnlyAfterAWhile() {
    PoolSimulation pool = pool(1).maxMemory(100 * MIB).start();
    pool.ready(1);
    pool.did();

    pool.measured(1, 200 * MIB);
    pool.advance(ofSeconds(10));

    assertThat(pool.didWhen()).containsExactly("5s spawn 1.2 for 1.1");
  }

  @Test
  void memoryThatIsGivenBackInTimeIsForgiven() {
    PoolSimulation pool = pool(2).maxMemory(100 * MIB).serving();
    pool.measured(1, 200 * MIB);
    pool.measured(2, 200 * MIB);
    assertThat(pool.did()).containsExactly("spawn 1.2 for 1.1");

    pool.measured(2, 50 * MIB);
    pool.ready(1);
    pool.exitDrained();

    assertThat(pool.did()).containsExactly("drain 1.1");
  }

  @Test
  void childrenAreReplacedAfterTheirLifetimeOneAtATime() {
    PoolSimulation pool = pool(3).maxLifetime(ofMinutes(10)).start();
    pool.bootAll();
    pool.did();

    pool.liveFor(ofMinutes(11));

    assertThat(pool.didWhen())
        .containsExactly(
            "600s spawn 1.2 for 1.1",
            "601s drain 1.1",
            "602s spawn 2.2 for 2.1",
            "603s drain 2.1",
            "604s spawn 3.2 for 3.1",
            "605s drain 3.1");
    assertThat(pool.last(Action.Drain.class).why()).contains("served for PT10M");
  }

  @Test
  void theSpawnIntervalHoldsWhereManyAreDue() {
    PoolSimulation pool = pool(3).spawnInterval(ofSeconds(10)).maxLifetime(ofMinutes(10)).start();
    pool.bootAll();
    pool.advance(ofMinutes(10));
    pool.did();

    pool.liveFor(ofSeconds(30));

    assertThat(pool.did())
        .containsExactly(
            "drain 1.1", "spawn 2.2 for 2.1", "drain 2.1", "spawn 3.2 for 3.1", "drain 3.1");
  }

  @Test
  void theOldOneServesOnWhileItsReplacementsFail() {
    PoolSimulation pool = pool(1).maxMemory(MIB).serving();
    pool.measured(1, 2 * MIB);
    Child old = pool.oldest(1);
    pool.did();

    for (int generation = 3; generation <= 8; generation++) {
      pool.exit(1);
      pool.advance(ofSeconds(30));
      assertThat(pool.did()).containsExactly("spawn 1.%d for 1.1".formatted(generation));
      assertThat(pool.names(State.READY)).containsExactly("1.1");
    }
    pool.ready(1);

    assertThat(pool.did()).containsExactly("drain 1.1");
    assertThat(old.state()).isEqualTo(State.DRAINING);
  }

  @Test
  void thePauseAfterAReplacementThatFailedDoubles() {
    PoolSimulation pool = pool(1).maxMemory(MIB).serving();
    pool.measured(1, 2 * MIB);

    for (int seconds : new int[] {1, 2, 4, 8, 16, 30, 30}) {
      pool.exit(1);
      pool.did();
      pool.advance(ofSeconds(30));
      assertThat(pool.didWhen()).singleElement().asString().startsWith(seconds + "s spawn");
    }
  }

  @Test
  void aChildIsNotReplacedWhileAnotherSlotIsEmpty() {
    PoolSimulation pool = pool(2).maxMemory(MIB).serving();
    pool.exit(2);

    pool.measured(1, 2 * MIB);
    pool.advance(ofSeconds(1));
    assertThat(pool.did()).containsExactly("spawn 2.2");
    pool.ready(2);

    assertThat(pool.did()).containsExactly("spawn 1.2 for 1.1");
  }

  @Test
  void aPoolThatLeavesReplacesNone() {
    PoolSimulation pool =
        pool(2).spawnInterval(ofMinutes(1)).maxMemory(MIB).maxLifetime(ofMinutes(3)).serving();
    pool.leave(Goal.LEAVE_SLOWLY);
    pool.measured(2, 2 * MIB);

    pool.liveFor(ofMinutes(10));

    assertThat(pool.did()).containsExactly("drain 1.1", "drain 2.1", "exit 0");
  }
}
