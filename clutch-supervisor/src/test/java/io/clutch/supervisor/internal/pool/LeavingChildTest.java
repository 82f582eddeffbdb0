package io.clutch.supervisor.internal.pool;

import static io.clutch.supervisor.internal.pool.TestSettings.pool;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.supervisor.internal.pool.Child.State;
import io.clutch.supervisor.internal.pool.Pool.Goal;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LeavingChildTest {

  @ParameterizedTest
  @EnumSource(names = {"TOLD_TO_STOP", "FATAL_ERROR"})
  void oneThatLeavesForNoReasonOfThePoolsIsReplacedAfterAPause(Leaving why) {
    PoolSimulation pool = pool(2).errRespawnInterval(ofSeconds(3)).serving();

    pool.leaves(1, why);
    pool.advance(ofSeconds(5));

    assertThat(pool.didWhen()).containsExactly("0s drain 1.1", "3s spawn 1.2");
  }

  @ParameterizedTest
  @EnumSource(names = {"TOLD_TO_STOP", "FATAL_ERROR"})
  void itsDrainHasTheUsualTimeAndIsNotPlanned(Leaving why) {
    PoolSimulation pool = pool(1).gracefulTimeout(ofSeconds(30)).serving();

    pool.leaves(1, why);

    Action.Drain drain = pool.last(Action.Drain.class);
    assertThat(drain.atMost()).isEqualTo(ofSeconds(30));
    assertThat(drain.planned()).isFalse();
    assertThat(drain.why()).contains(why.text());
    assertThat(pool.child(1).endsAsAsked()).isFalse();
  }

  @ParameterizedTest
  @EnumSource(names = {"TOLD_TO_STOP", "FATAL_ERROR"})
  void thoseThatLeaveSoonAfterTheirStartAgainAndAgainAreNoStorm(Leaving why) {
    PoolSimulation pool = pool(1).errRespawnInterval(Duration.ZERO).start();
    int spawned = 0;

    for (int second = 0; second < 600; second++) {
      pool.exitDrained();
      pool.readyAll();
      if (!pool.names(State.READY).isEmpty()) {
        pool.leaves(1, why);
      }
      pool.advance(ofSeconds(1));
      spawned += (int) pool.did().stream().filter(line -> line.startsWith("spawn")).count();
    }

    assertThat(spawned).as("children started in ten minutes").isBetween(15, 60);
  }

  @Test
  void oneThatExitsInTheMiddleOfThePauseBeginsANewOne() {
    PoolSimulation pool = pool(1).errRespawnInterval(ofSeconds(3)).serving();

    pool.leaves(1, Leaving.TOLD_TO_STOP);
    pool.advance(ofSeconds(2));
    pool.exitDrained();
    pool.advance(ofSeconds(5));

    assertThat(pool.didWhen()).containsExactly("0s drain 1.1", "5s spawn 1.2");
  }

  @Test
  void onesThatAreToldToStopAtTheSameTimeAsThePoolAreNotReplaced() {
    PoolSimulation pool = pool(2).serving();

    pool.leaves(1, Leaving.TOLD_TO_STOP);
    pool.leaves(2, Leaving.TOLD_TO_STOP);
    pool.advance(ofMillis(50));
    pool.leave(Goal.LEAVE);
    pool.exitDrained();

    assertThat(pool.did()).containsExactly("drain 1.1", "drain 2.1", "exit 0");
  }

  @Test
  void oneThatDrainsAlreadyIsNotDrainedAgain() {
    PoolSimulation pool = pool(1).serving();
    pool.restart();
    pool.ready(1);
    pool.did();

    pool.oldest(1).leaves(Leaving.TOLD_TO_STOP);
    pool.advance(ofSeconds(1));

    assertThat(pool.did()).isEmpty();
  }
}
