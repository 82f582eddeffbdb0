package io.clutch.supervisor.internal.pool;

import static io.clutch.supervisor.internal.pool.TestSettings.pool;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.supervisor.internal.pool.Pool.Goal;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DrainTimeoutTest {

  @Test
  void aChildThatDoesNotFinishInTimeIsKilledTwoSecondsLater() {
    PoolSimulation pool = pool(1).gracefulTimeout(ofSeconds(30)).serving();

    pool.leave(Goal.LEAVE);
    pool.advance(ofMinutes(5));
    pool.exitKilled();

    assertThat(pool.didWhen()).containsExactly("0s drain 1.1", "32s kill 1.1", "300s exit 0");
  }

  @Test
  void theReasonOfTheKillIsTheTime() {
    PoolSimulation pool = pool(1).serving();

    pool.leave(Goal.LEAVE);
    pool.advance(ofSeconds(32));

    assertThat(pool.last(Action.Kill.class).why()).contains("did not finish");
  }

  @Test
  void aChildThatFinishesInItsLastMomentIsNotKilled() {
    PoolSimulation pool = pool(1).gracefulTimeout(ofSeconds(30)).serving();

    pool.leave(Goal.LEAVE);
    pool.advance(ofSeconds(32).minusMillis(1));
    pool.exitDrained();

    assertThat(pool.did()).containsExactly("drain 1.1", "exit 0");
  }

  @Test
  void noTimeLeavesTwoSeconds() {
    PoolSimulation pool = pool(1).gracefulTimeout(Duration.ZERO).serving();

    pool.leave(Goal.LEAVE);
    pool.advance(ofSeconds(3));

    assertThat(pool.didWhen()).containsExactly("0s drain 1.1", "2s kill 1.1");
  }

  @Test
  void aChildThatHadToBeKilledInItsDrainHasNotCrashed() {
    PoolSimulation pool = pool(1).serving();
    pool.restart();
    pool.ready(1);
    pool.advance(ofSeconds(32));
    pool.did();

    pool.exitKilled();

    assertThat(pool.did()).containsExactly("restart done");
    pool.leaves(1, Leaving.REQUEST_LIMIT);
    assertThat(pool.did()).containsExactly("drain 1.2", "spawn 1.3");
  }
}
