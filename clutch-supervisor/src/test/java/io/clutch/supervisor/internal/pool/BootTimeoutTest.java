package io.clutch.supervisor.internal.pool;

import static io.clutch.supervisor.internal.pool.TestSettings.pool;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.supervisor.internal.pool.Child.State;
import org.junit.jupiter.api.Test;

class BootTimeoutTest {

  @Test
  void aChildThatIsNotReadyInTimeIsKilledOnce() {
    PoolSimulation pool = pool(2).bootTimeout(ofSeconds(20)).start();
    pool.ready(2);
    pool.did();

    pool.advance(ofSeconds(20).minusMillis(1));
    assertThat(pool.did()).isEmpty();
    pool.advance(ofMillis(1));
    assertThat(pool.last(Action.Kill.class).why()).contains("not ready", "PT20S");
    pool.advance(ofMinutes(5));

    assertThat(pool.did()).containsOnlyOnce("kill 1.1");
  }

  @Test
  void theTimeCountsFromTheChildsOwnStart() {
    PoolSimulation pool = pool(2).spawnInterval(ofSeconds(15)).bootTimeout(ofSeconds(20)).start();

    pool.advance(ofSeconds(19));
    pool.ready(1);
    pool.advance(ofSeconds(16));

    assertThat(pool.didWhen()).containsExactly("0s spawn 1.1", "15s spawn 2.1", "35s kill 2.1");
  }

  @Test
  void aChildThatIsReadyInTimeStays() {
    PoolSimulation pool = pool(1).bootTimeout(ofSeconds(20)).start();

    pool.advance(ofSeconds(20).minusMillis(1));
    pool.ready(1);
    pool.advance(ofMinutes(5));

    assertThat(pool.names(State.READY)).containsExactly("1.1");
  }

  @Test
  void theSlotIsFilledAgainAPauseAfterTheKilledOneIsGone() {
    PoolSimulation pool = pool(2).bootTimeout(ofSeconds(20)).start();
    pool.ready(2);
    pool.advance(ofSeconds(20));
    pool.did();

    pool.advance(ofSeconds(2));
    assertThat(pool.did()).isEmpty();
    pool.exitKilled();
    pool.did();
    pool.advance(ofSeconds(5));

    assertThat(pool.didWhen()).containsExactly("1s spawn 1.2");
  }

  @Test
  void theOldOneStaysWhereItsReplacementIsNotReadyInTime() {
    PoolSimulation pool = pool(1).bootTimeout(ofSeconds(20)).serving();

    pool.restart();
    pool.advance(ofSeconds(20));
    pool.exitKilled();

    assertThat(pool.did())
        .containsExactly("spawn 1.2 for 1.1", "kill 1.2", "restart failed: killed");
    assertThat(pool.names(State.READY)).containsExactly("1.1");
  }
}
