package io.clutch.supervisor.internal.pool;

import static io.clutch.supervisor.internal.pool.TestSettings.pool;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.supervisor.internal.pool.Child.State;
import io.clutch.supervisor.internal.pool.Pool.Goal;
import org.junit.jupiter.api.Test;

class RollingRestartTest {

  @Test
  void theNewOneIsReadyBeforeTheOldOneIsDrained() {
    PoolSimulation pool = pool(1).serving();

    pool.restart();
    assertThat(pool.did()).containsExactly("spawn 1.2 for 1.1");
    assertThat(pool.names(State.READY)).containsExactly("1.1");
    pool.advance(ofSeconds(30));
    assertThat(pool.did()).isEmpty();
    pool.ready(1);

    assertThat(pool.did()).containsExactly("drain 1.1");
    assertThat(pool.names(State.READY)).containsExactly("1.2");
    assertThat(pool.last(Action.Drain.class).atMost()).isEqualTo(ofSeconds(30));
    assertThat(pool.last(Action.Drain.class).why()).contains("replacement is ready");
  }

  @Test
  void theNextOneFollowsWhenTheDrainedOneIsGone() {
    PoolSimulation pool = pool(2).serving();

    pool.restart();
    pool.ready(1);
    assertThat(pool.did()).containsExactly("spawn 1.2 for 1.1", "drain 1.1");
    pool.advance(ofSeconds(29));
    assertThat(pool.did()).isEmpty();
    pool.exit(pool.oldest(1));

    assertThat(pool.did()).containsExactly("spawn 2.2 for 2.1");
  }

  @Test
  void itIsDoneWhenTheLastOldOneIsGone() {
    PoolSimulation pool = pool(3).serving();

    pool.restart();
    assertThat(pool.pool().isRestarting()).isTrue();
    for (int slot = 1; slot <= 3; slot++) {
      assertThat(pool.pool().oldChildren()).isEqualTo(4 - slot);
      pool.ready(slot);
      assertThat(pool.did())
          .containsExactly("spawn %1$d.2 for %1$d.1".formatted(slot), "drain %d.1".formatted(slot));
      pool.exit(pool.oldest(slot));
    }

    assertThat(pool.did()).containsExactly("restart done");
    assertThat(pool.pool().isRestarting()).isFalse();
    assertThat(pool.pool().oldChildren()).isZero();
    assertThat(pool.names(State.READY)).containsExactly("1.2", "2.2", "3.2");
    pool.advance(ofMinutes(10));
    assertThat(pool.did()).isEmpty();
  }

  @Test
  void anOldOneThatDoesNotFinishIsKilledAndTheRestartGoesOn() {
    PoolSimulation pool = pool(2).gracefulTimeout(ofSeconds(30)).serving();

    pool.restart();
    pool.ready(1);
    pool.advance(ofSeconds(32));
    pool.exitKilled();

    assertThat(pool.didWhen())
        .containsExactly(
            "0s spawn 1.2 for 1.1", "0s drain 1.1", "32s kill 1.1", "32s spawn 2.2 for 2.1");
  }

  @Test
  void oneIsReplacedEverySpawnInterval() {
    PoolSimulation pool = pool(3).spawnInterval(ofSeconds(10)).serving();
    pool.advance(ofSeconds(10));
    pool.did();

    pool.restart();
    pool.liveFor(ofMinutes(1));

    // Ten seconds count from when the last one was collected, a second after its replacement's
    // start.
    assertThat(pool.didWhen())
        .containsExactly(
            "0s spawn 1.2 for 1.1",
            "1s drain 1.1",
            "11s spawn 2.2 for 2.1",
            "12s drain 2.1",
            "22s spawn 3.2 for 3.1",
            "23s drain 3.1",
            "24s restart done");
  }

  @Test
  void aRestartWhileAllStartReplacesThemAllTheSame() {
    PoolSimulation pool = pool(2).start();
    pool.did();

    pool.restart();
    pool.ready(1);
    assertThat(pool.did()).isEmpty();
    pool.ready(2);
    assertThat(pool.did()).containsExactly("announce", "spawn 1.2 for 1.1");
    pool.ready(1);
    pool.exitDrained();
    pool.ready(2);
    pool.exitDrained();

    assertThat(pool.did())
        .containsExactly("drain 1.1", "spawn 2.2 for 2.1", "drain 2.1", "restart done");
  }

  @Test
  void childrenThatAreStartedDuringTheRestartCountAsNew() {
    PoolSimulation pool = pool(2).spawnInterval(ofSeconds(10)).start();
    pool.ready(1);
    pool.did();

    pool.restart();
    pool.advance(ofSeconds(10));
    pool.ready(2);
    pool.advance(ofSeconds(10));
    pool.ready(1);
    pool.exitDrained();

    assertThat(pool.did())
        .containsExactly("spawn 2.1", "announce", "spawn 1.2 for 1.1", "drain 1.1", "restart done");
  }

  @Test
  void aRestartEndsWithThePool() {
    PoolSimulation pool = pool(2).serving();
    pool.restart();
    pool.did();

    pool.leave(Goal.LEAVE);

    assertThat(pool.did())
        .containsExactly("restart failed: the pool stops", "drain 1.1", "drain 1.2", "drain 2.1");
  }

  @Test
  void aPoolThatLeavesIsNotRestarted() {
    PoolSimulation pool = pool(1).serving();
    pool.leave(Goal.LEAVE);

    pool.restart();

    assertThat(pool.did()).containsExactly("drain 1.1", "restart failed: the pool stops");
  }
}
