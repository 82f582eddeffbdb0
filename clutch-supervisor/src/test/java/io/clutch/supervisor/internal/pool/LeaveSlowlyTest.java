package io.clutch.supervisor.internal.pool;

import static io.clutch.supervisor.internal.pool.TestSettings.pool;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.supervisor.internal.pool.Pool.Goal;
import org.junit.jupiter.api.Test;

class LeaveSlowlyTest {

  @Test
  void oneLeavesEverySpawnInterval() {
    PoolSimulation pool = pool(3).spawnInterval(ofSeconds(10)).serving();

    pool.leave(Goal.LEAVE_SLOWLY);
    pool.liveFor(ofMinutes(1));

    assertThat(pool.didWhen())
        .containsExactly("0s drain 1.1", "10s drain 2.1", "20s drain 3.1", "21s exit 0");
  }

  @Test
  void theIntervalDoesNotWaitForTheOneBefore() {
    PoolSimulation pool =
        pool(3).spawnInterval(ofSeconds(10)).gracefulTimeout(ofMinutes(1)).serving();

    pool.leave(Goal.LEAVE_SLOWLY);
    pool.advance(ofSeconds(30));

    assertThat(pool.didWhen()).containsExactly("0s drain 1.1", "10s drain 2.1", "20s drain 3.1");
  }

  @Test
  void withoutAnIntervalAllLeaveAtOnce() {
    PoolSimulation pool = pool(3).serving();

    pool.leave(Goal.LEAVE_SLOWLY);

    assertThat(pool.did()).containsExactly("drain 1.1", "drain 2.1", "drain 3.1");
  }

  @Test
  void thoseThatNeverServedLeaveAtOnceAndDoNotCount() {
    PoolSimulation pool = pool(4).spawnInterval(ofSeconds(10)).start();
    pool.advance(ofSeconds(30));
    pool.ready(2);
    pool.ready(4);
    pool.did();

    pool.leave(Goal.LEAVE_SLOWLY);
    pool.advance(ofSeconds(15));

    assertThat(pool.didWhen())
        .containsExactly("0s drain 1.1", "0s drain 3.1", "0s drain 2.1", "10s drain 4.1");
  }

  @Test
  void oneThatWasCollectedByARestartCounts() {
    PoolSimulation pool = pool(2).spawnInterval(ofSeconds(10)).serving();
    pool.advance(ofSeconds(10));
    pool.restart();
    pool.advance(ofSeconds(1));
    pool.ready(1);
    pool.advance(ofSeconds(4));
    pool.did();

    pool.leave(Goal.LEAVE_SLOWLY);
    pool.advance(ofSeconds(20));

    assertThat(pool.didWhen())
        .containsExactly("0s restart failed: the pool stops", "6s drain 1.2", "16s drain 2.1");
  }

  @Test
  void aReplacementThatIsStartingLeavesBeforeThoseThatServe() {
    PoolSimulation pool = pool(2).spawnInterval(ofSeconds(10)).serving();
    pool.advance(ofSeconds(10));
    pool.restart();
    pool.did();

    pool.leave(Goal.LEAVE_SLOWLY);
    pool.advance(ofSeconds(10));

    assertThat(pool.did())
        .containsExactly("drain 1.2", "drain 1.1", "restart failed: the pool stops", "drain 2.1");
  }

  @Test
  void oneThatHasToGoDoesNotWaitForItsTurn() {
    PoolSimulation pool = pool(3).spawnInterval(ofSeconds(10)).serving();
    pool.leave(Goal.LEAVE_SLOWLY);
    pool.did();

    pool.leaves(3, Leaving.HUNG);

    assertThat(pool.did()).containsExactly("drain 3.1");
    assertThat(pool.last(Action.Drain.class).atMost()).isEqualTo(ofSeconds(5));
  }

  @Test
  void thoseThatCrashMeanwhileAreNotReplaced() {
    PoolSimulation pool = pool(3).spawnInterval(ofSeconds(10)).serving();
    pool.leave(Goal.LEAVE_SLOWLY);
    pool.exitDrained();
    pool.did();

    pool.exit(3);
    pool.liveFor(ofSeconds(20));

    assertThat(pool.did()).containsExactly("drain 2.1", "exit 0");
  }

  @Test
  void timeOutsHoldMeanwhile() {
    PoolSimulation pool =
        pool(2).spawnInterval(ofMinutes(10)).gracefulTimeout(ofSeconds(30)).serving();

    pool.leave(Goal.LEAVE_SLOWLY);
    pool.advance(ofMinutes(1));

    assertThat(pool.didWhen()).containsExactly("0s drain 1.1", "32s kill 1.1");
  }
}
