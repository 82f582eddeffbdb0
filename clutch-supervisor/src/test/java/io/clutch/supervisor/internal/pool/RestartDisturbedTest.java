package io.clutch.supervisor.internal.pool;

import static io.clutch.supervisor.internal.pool.TestSettings.pool;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.supervisor.internal.pool.Child.State;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RestartDisturbedTest {

  @Test
  void aRestartDuringARestartBeginsAnew() {
    PoolSimulation pool = pool(2).serving();
    pool.restart();
    pool.ready(1);
    pool.exitDrained();
    assertThat(pool.did()).containsExactly("spawn 1.2 for 1.1", "drain 1.1", "spawn 2.2 for 2.1");

    pool.restart();
    assertThat(pool.pool().oldChildren()).isEqualTo(3);
    pool.ready(2);
    pool.exitDrained();
    pool.ready(1);
    pool.exitDrained();
    pool.ready(2);
    pool.exitDrained();

    assertThat(pool.did())
        .containsExactly(
            "drain 2.1",
            "spawn 1.3 for 1.2",
            "drain 1.2",
            "spawn 2.3 for 2.2",
            "drain 2.2",
            "restart done");
    assertThat(pool.names(State.READY)).containsExactly("1.3", "2.3");
  }

  @Test
  void aFailureOfTheFirstRestartDoesNotEndTheSecond() {
    PoolSimulation pool = pool(1).serving();
    pool.restart();
    pool.restart();
    pool.did();

    pool.exit(1);
    assertThat(pool.did()).containsExactly("spawn 1.3 for 1.1");
    pool.ready(1);
    pool.exitDrained();

    assertThat(pool.did()).containsExactly("drain 1.1", "restart done");
  }

  @Test
  void anOldOneThatCrashesIsReplacedByANewOne() {
    PoolSimulation pool = pool(3).serving();
    pool.restart();
    pool.did();

    pool.exit(3);
    pool.advance(ofSeconds(1));
    assertThat(pool.did()).containsExactly("spawn 3.2");
    pool.ready(1);
    pool.exitDrained();
    pool.ready(3);
    pool.ready(2);
    pool.exitDrained();

    assertThat(pool.did())
        .containsExactly("drain 1.1", "spawn 2.2 for 2.1", "drain 2.1", "restart done");
  }

  @Test
  void anOldOneThatCrashesBeforeItsReplacementIsReadyLeavesItsPlaceToIt() {
    PoolSimulation pool = pool(1).serving();
    pool.restart();

    pool.exit(pool.oldest(1));
    assertThat(pool.child(1).replaced()).isNull();
    pool.advance(ofSeconds(30));
    assertThat(pool.did()).containsExactly("spawn 1.2 for 1.1");
    pool.ready(1);

    assertThat(pool.did()).containsExactly("restart done");
  }

  @Test
  void aCrashWhileOneDrainsIsMadeGood() {
    PoolSimulation pool = pool(2).serving();
    pool.restart();
    pool.ready(1);
    pool.did();

    pool.exit(2);
    pool.advance(ofSeconds(1));

    assertThat(pool.did()).containsExactly("spawn 2.2");
    pool.ready(2);
    pool.exitDrained();
    assertThat(pool.did()).containsExactly("restart done");
  }

  @Test
  void aReplacementThatHasToGoAtOnceLeavesTheOldOneInPlace() {
    PoolSimulation pool = pool(1).serving();
    pool.restart();
    pool.did();

    pool.leaves(1, Leaving.FATAL_ERROR);
    assertThat(pool.did()).containsExactly("drain 1.2");
    pool.exit(pool.child(1), "out of memory");

    assertThat(pool.did()).containsExactly("restart failed: out of memory");
    assertThat(pool.names(State.READY)).containsExactly("1.1");
  }

  @Test
  void anOldOneThatHangsIsNotWaitedForTwice() {
    PoolSimulation pool = pool(1).serving();
    pool.restart();
    pool.did();

    pool.oldest(1).leaves(Leaving.HUNG);
    pool.advance(Duration.ZERO);
    assertThat(pool.did()).containsExactly("drain 1.1");
    pool.ready(1);
    pool.exitDrained();

    assertThat(pool.did()).containsExactly("restart done");
  }
}
