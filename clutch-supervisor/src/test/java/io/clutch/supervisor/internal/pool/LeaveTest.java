package io.clutch.supervisor.internal.pool;

import static io.clutch.supervisor.internal.pool.TestSettings.pool;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.supervisor.internal.pool.Pool.Goal;
import org.junit.jupiter.api.Test;

class LeaveTest {

  @Test
  void allAreDrainedAtOnceAndThePoolEndsWithTheLast() {
    PoolSimulation pool = pool(3).spawnInterval(ofSeconds(10)).serving();

    pool.leave(Goal.LEAVE);
    assertThat(pool.did()).containsExactly("drain 1.1", "drain 2.1", "drain 3.1");
    pool.exit(2);
    pool.exit(1);
    assertThat(pool.did()).isEmpty();
    pool.exit(3);

    assertThat(pool.last(Action.Exit.class)).isEqualTo(new Action.Exit(0, "told by a test"));
  }

  @Test
  void atOnceAllAreKilledAndTheExitCodeSaysSo() {
    PoolSimulation pool = pool(2).serving();

    pool.leave(Goal.LEAVE_NOW);
    assertThat(pool.did()).containsExactly("kill 1.1", "kill 2.1");
    pool.exitKilled();

    assertThat(pool.last(Action.Exit.class)).isEqualTo(new Action.Exit(143, "told by a test"));
  }

  @Test
  void aPoolWithoutChildrenEndsAtOnce() {
    PoolSimulation pool = pool(1).serving();
    pool.exit(1);

    pool.leave(Goal.LEAVE);

    assertThat(pool.did()).containsExactly("exit 0");
  }

  @Test
  void aMoreUrgentGoalWins() {
    PoolSimulation pool = pool(3).spawnInterval(ofSeconds(10)).serving();
    pool.advance(ofSeconds(10));
    pool.did();

    pool.leave(Goal.LEAVE_SLOWLY);
    assertThat(pool.did()).containsExactly("drain 1.1");
    pool.leave(Goal.LEAVE);
    assertThat(pool.did()).containsExactly("drain 2.1", "drain 3.1");
    pool.leave(Goal.LEAVE_NOW);
    assertThat(pool.did()).containsExactly("kill 1.1", "kill 2.1", "kill 3.1");
    pool.exitKilled();

    assertThat(pool.did()).containsExactly("exit 143");
  }

  @Test
  void aLessUrgentGoalChangesNothing() {
    PoolSimulation pool = pool(1).serving();
    pool.leave(Goal.LEAVE_NOW);

    pool.pool().leave(Goal.LEAVE, "too late");
    pool.pool().leave(Goal.LEAVE_SLOWLY, "too late");
    pool.pool().leave(Goal.SERVE, "too late");
    pool.exitKilled();

    assertThat(pool.last(Action.Exit.class)).isEqualTo(new Action.Exit(143, "told by a test"));
  }

  @Test
  void childrenThatAreStartingAreDrainedTooAndNoMoreAreStarted() {
    PoolSimulation pool = pool(3).spawnInterval(ofSeconds(10)).start();
    pool.advance(ofSeconds(10));
    pool.ready(1);
    pool.did();

    pool.leave(Goal.LEAVE);
    pool.advance(ofSeconds(20));
    pool.exitDrained();

    assertThat(pool.did()).containsExactly("drain 1.1", "drain 2.1", "exit 0");
  }

  @Test
  void aStartedChildThatDoesNotHearIsKilledInTheEnd() {
    PoolSimulation pool = pool(1).start();
    pool.did();

    pool.leave(Goal.LEAVE);
    pool.advance(ofMinutes(1));
    pool.exitKilled();

    assertThat(pool.did()).containsExactly("drain 1.1", "kill 1.1", "exit 0");
  }

  @Test
  void inARestartOldAndNewLeave() {
    PoolSimulation pool = pool(2).serving();
    pool.restart();
    pool.ready(1);
    pool.did();

    pool.leave(Goal.LEAVE);
    pool.exitDrained();

    assertThat(pool.did())
        .containsExactly("restart failed: the pool stops", "drain 1.2", "drain 2.1", "exit 0");
  }

  @Test
  void thoseThatDrainAreNotDrainedAgain() {
    PoolSimulation pool = pool(2).serving();
    pool.resize(1);
    pool.advance(ofSeconds(10));
    pool.did();

    pool.leave(Goal.LEAVE);
    pool.advance(ofSeconds(22));

    assertThat(pool.didWhen()).containsExactly("0s drain 1.1", "22s kill 2.1");
  }

  @Test
  void thoseThatDrainOrStartAreKilledAtOnceThoseKilledAreNotKilledAgain() {
    PoolSimulation pool = pool(3).bootTimeout(ofSeconds(20)).serving();
    pool.exit(1);
    pool.exit(2);
    pool.advance(ofSeconds(21));
    pool.leaves(3, Leaving.REQUEST_LIMIT);
    assertThat(pool.did())
        .containsExactly(
            "spawn 1.2", "spawn 2.2", "kill 1.2", "kill 2.2", "drain 3.1", "spawn 3.2");

    pool.leave(Goal.LEAVE_NOW);

    assertThat(pool.did()).containsExactly("kill 3.1", "kill 3.2");
    pool.exitKilled();
    assertThat(pool.did()).containsExactly("exit 143");
  }

  @Test
  void aCrashWhileThePoolLeavesIsNotMadeGood() {
    PoolSimulation pool = pool(2).serving();
    pool.leave(Goal.LEAVE);
    pool.did();

    pool.exit(pool.child(1), "killed");
    pool.advance(ofSeconds(10));
    pool.exit(2);

    assertThat(pool.did()).containsExactly("exit 0");
  }
}
