package io.clutch.supervisor.internal.pool;

import static io.clutch.supervisor.internal.pool.TestSettings.pool;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.supervisor.internal.pool.Child.State;
import org.junit.jupiter.api.Test;

class RestartFailureTest {

  @Test
  void theOldOneStaysAndTheRestartEndsWithTheFailure() {
    PoolSimulation pool = pool(2).serving();
    pool.restart();
    pool.did();

    pool.exit(pool.child(1), "exited with code 1: bad configuration");

    assertThat(pool.did()).containsExactly("restart failed: exited with code 1: bad configuration");
    assertThat(pool.pool().isRestarting()).isFalse();
    assertThat(pool.names(State.READY)).containsExactly("1.1", "2.1");
    pool.advance(ofMinutes(10));
    assertThat(pool.did()).isEmpty();
  }

  @Test
  void aLaterFailureLeavesThePoolServing() {
    PoolSimulation pool = failedAtSlotTwo();

    pool.advance(ofMinutes(10));

    assertThat(pool.did()).isEmpty();
    assertThat(pool.names(State.READY)).containsExactly("1.2", "2.1", "3.1");
    assertThat(pool.pool().oldChildren()).isEqualTo(2);
  }

  @Test
  void aSecondRestartReplacesAll() {
    PoolSimulation pool = failedAtSlotTwo();

    pool.restart();
    for (int slot = 1; slot <= 3; slot++) {
      pool.ready(slot);
      pool.exitDrained();
    }

    assertThat(pool.did())
        .containsExactly(
            "spawn 1.3 for 1.2",
            "drain 1.2",
            "spawn 2.3 for 2.1",
            "drain 2.1",
            "spawn 3.2 for 3.1",
            "drain 3.1",
            "restart done");
  }

  @Test
  void someoneWhoAsksAgainAfterAFailureIsNotKeptWaiting() {
    PoolSimulation pool = pool(1).errRespawnInterval(ofMinutes(1)).serving();

    for (int i = 2; i <= 5; i++) {
      pool.restart();
      pool.exit(pool.child(1), "failed");
      assertThat(pool.did())
          .containsExactly("spawn 1.%d for 1.1".formatted(i), "restart failed: failed");
    }
  }

  @Test
  void theFailureOfOneThatWasStartedBeforeTheRestartIsNotTheRestarts() {
    PoolSimulation pool = pool(2).start();
    pool.ready(1);
    pool.did();

    pool.restart();
    pool.exit(2);
    assertThat(pool.did()).containsExactly("announce");
    pool.advance(ofSeconds(1));
    pool.ready(2);

    assertThat(pool.did()).containsExactly("spawn 2.2", "spawn 1.2 for 1.1");
  }

  @Test
  void aNewOneThatFailsInAnEmptySlotEndsTheRestartToo() {
    PoolSimulation pool = pool(2).serving();
    pool.exit(2);
    pool.restart();
    pool.advance(ofSeconds(1));
    assertThat(pool.did()).containsExactly("spawn 2.2");

    pool.exit(pool.child(2), "failed");

    assertThat(pool.did()).containsExactly("restart failed: failed");
    pool.advance(ofSeconds(2));
    assertThat(pool.did()).containsExactly("spawn 2.3");
  }

  @Test
  void aReplacementThatDiesWhenItIsReadyIsACrashNotAFailedRestart() {
    PoolSimulation pool = pool(1).serving();
    pool.restart();
    pool.ready(1);
    pool.did();

    pool.exit(pool.child(1));
    pool.advance(ofSeconds(1));
    assertThat(pool.did()).containsExactly("spawn 1.3");
    pool.ready(1);
    pool.exitDrained();

    assertThat(pool.did()).containsExactly("restart done");
  }

  /** A pool whose first slot has a new child, and whose second one kept its old one. */
  private static PoolSimulation failedAtSlotTwo() {
    PoolSimulation pool = pool(3).serving();
    pool.restart();
    pool.ready(1);
    pool.exitDrained();
    pool.exit(pool.child(2), "failed");
    assertThat(pool.did())
        .containsExactly(
            "spawn 1.2 for 1.1", "drain 1.1", "spawn 2.2 for 2.1", "restart failed: failed");
    return pool;
  }
}
