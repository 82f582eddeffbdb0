package io.clutch.supervisor.internal.pool;

import static io.clutch.supervisor.internal.pool.TestSettings.pool;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.supervisor.internal.pool.Pool.Goal;
import org.junit.jupiter.api.Test;

/** When the planner wants to be asked again. That nothing is due before is checked everywhere. */
class WakeUpTest {

  @Test
  void aPoolWithNothingAheadNeedNotBeAskedAgain() {
    PoolSimulation pool = pool(1).serving();
    pool.leave(Goal.LEAVE_NOW);

    assertThat(pool.untilWakeUp()).isNull();
  }

  @Test
  void theEarliestBootTimeoutCounts() {
    PoolSimulation pool = pool(3).spawnInterval(ofSeconds(7)).bootTimeout(ofSeconds(20)).start();
    assertThat(pool.untilWakeUp()).isEqualTo(ofSeconds(7));

    pool.advance(ofSeconds(15));
    assertThat(pool.untilWakeUp()).isEqualTo(ofSeconds(5));
    pool.ready(1);
    assertThat(pool.untilWakeUp()).isEqualTo(ofSeconds(12));
  }

  @Test
  void theEndOfThePauseCountsAndThenTheSpawnInterval() {
    PoolSimulation pool = pool(2).spawnInterval(ofSeconds(60)).start();
    pool.ready(1);
    pool.exit(1);
    assertThat(pool.untilWakeUp()).isEqualTo(ofSeconds(1));

    pool.advance(ofSeconds(1));

    assertThat(pool.untilWakeUp()).isEqualTo(ofSeconds(59));
  }

  @Test
  void theShortestPauseOfTheSlotsCounts() {
    PoolSimulation pool = pool(2).errRespawnInterval(ofSeconds(4)).serving();
    pool.exit(2);
    pool.advance(ofSeconds(3));
    pool.exit(1);

    assertThat(pool.untilWakeUp()).isEqualTo(ofSeconds(1));
  }

  @Test
  void theLongestSilentChildCounts() {
    PoolSimulation pool = pool(2).heartbeatTimeout(ofSeconds(15)).serving();
    pool.advance(ofSeconds(4));
    pool.heartbeat(1);
    assertThat(pool.untilWakeUp()).isEqualTo(ofSeconds(11));

    pool.heartbeat(2);
    assertThat(pool.untilWakeUp()).isEqualTo(ofSeconds(15));
    pool.advance(ofSeconds(15));

    assertThat(pool.untilWakeUp()).isEqualTo(ofSeconds(1));
  }

  @Test
  void theEndOfADrainCounts() {
    PoolSimulation pool = pool(2).gracefulTimeout(ofSeconds(30)).serving();
    pool.resize(1);

    assertThat(pool.untilWakeUp()).isEqualTo(ofSeconds(32));
    pool.advance(ofSeconds(10));
    pool.leave(Goal.LEAVE);
    assertThat(pool.untilWakeUp()).isEqualTo(ofSeconds(22));
  }

  @Test
  void theNextToLeaveCounts() {
    PoolSimulation pool =
        pool(2).spawnInterval(ofSeconds(10)).gracefulTimeout(ofMinutes(1)).serving();

    pool.leave(Goal.LEAVE_SLOWLY);

    assertThat(pool.untilWakeUp()).isEqualTo(ofSeconds(10));
  }

  @Test
  void theNextReplacementOfARestartCounts() {
    PoolSimulation pool = pool(2).spawnInterval(ofSeconds(10)).serving();
    pool.advance(ofSeconds(10));
    pool.restart();
    pool.advance(ofSeconds(3));
    pool.ready(1);
    pool.exitDrained();

    assertThat(pool.untilWakeUp()).isEqualTo(ofSeconds(10));
  }

  @Test
  void theEndOfALifetimeCounts() {
    PoolSimulation pool = pool(2).maxLifetime(ofMinutes(10)).start();
    pool.ready(1);
    pool.advance(ofSeconds(9));
    pool.ready(2);

    assertThat(pool.untilWakeUp()).isEqualTo(ofMinutes(10).minusSeconds(9));
  }

  @Test
  void aChildThatWasTooBigFromItsStartIsLookedAtAgain() {
    PoolSimulation pool = pool(1).maxMemory(1000).start();
    pool.ready(1);
    pool.advance(ofSeconds(2));
    pool.measured(1, 2000);

    assertThat(pool.untilWakeUp()).isEqualTo(ofSeconds(3));
  }

  @Test
  void theSameIsPlannedHoweverOftenThisIsAsked() {
    PoolSimulation pool = pool(3).spawnInterval(ofSeconds(10)).serving();
    pool.exit(2);
    Planner.Step step = Planner.next(pool.pool(), pool.now());

    for (int i = 0; i < 5; i++) {
      assertThat(Planner.next(pool.pool(), pool.now())).isEqualTo(step);
    }
    assertThat(step.action()).isNull();
    assertThat(step.wakeUp()).isEqualTo(pool.now().plus(ofSeconds(1)));
  }
}
