package io.clutch.supervisor.internal.pool;

import static io.clutch.supervisor.internal.pool.TestSettings.pool;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.supervisor.internal.pool.Child.State;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class HungTest {

  @Test
  void aChildThatHangsHasTheGraceToFinishTheOtherCalls() {
    PoolSimulation pool = pool(2).killGrace(ofSeconds(5)).serving();

    pool.leaves(1, Leaving.HUNG);
    pool.ready(1);
    pool.advance(ofSeconds(10));

    assertThat(pool.didWhen()).containsExactly("0s drain 1.1", "0s spawn 1.2", "7s kill 1.1");
  }

  @Test
  void itsDrainIsAsShortAsTheGraceAndSaysWhy() {
    PoolSimulation pool = pool(1).killGrace(ofSeconds(5)).serving();

    Child hung = pool.child(1);
    pool.leaves(1, Leaving.HUNG);

    assertThat(hung.state()).isEqualTo(State.DRAINING);
    assertThat(hung.drainingUntil()).isEqualTo(pool.now().plusSeconds(5));
  }

  @Test
  void itsSlotIsFilledWithoutAPause() {
    PoolSimulation pool = pool(1).errRespawnInterval(ofMinutes(1)).serving();

    pool.leaves(1, Leaving.HUNG);

    assertThat(pool.did()).containsExactly("drain 1.1", "spawn 1.2");
    pool.advance(ofSeconds(7));
    pool.exitKilled();
    pool.exit(1);
    pool.advance(ofMinutes(1));
    assertThat(pool.did()).containsExactly("kill 1.1", "spawn 1.3");
  }

  @Test
  void oneThatFinishesInTimeIsNotKilled() {
    PoolSimulation pool = pool(1).serving();

    pool.leaves(1, Leaving.HUNG);
    pool.ready(1);
    pool.advance(ofSeconds(6));
    pool.exitDrained();
    pool.advance(ofMinutes(1));

    assertThat(pool.did()).containsExactly("drain 1.1", "spawn 1.2");
  }

  @Test
  void whereManyHangAtMostOneMoreProcessThanThePoolHasIsAlive() {
    PoolSimulation pool = pool(3).serving();

    for (int slot = 1; slot <= 3; slot++) {
      pool.child(slot).leaves(Leaving.HUNG);
    }
    pool.advance(Duration.ZERO);
    assertThat(pool.did()).containsExactly("drain 1.1", "drain 2.1", "drain 3.1", "spawn 1.2");
    pool.advance(ofSeconds(7));
    pool.exitKilled();

    assertThat(pool.did())
        .containsExactly("kill 1.1", "kill 2.1", "kill 3.1", "spawn 2.2", "spawn 3.2");
  }

  @Test
  void theFirstReasonToLeaveCounts() {
    PoolSimulation pool = pool(1).gracefulTimeout(ofSeconds(30)).killGrace(ofSeconds(5)).serving();
    Child child = pool.child(1);

    child.leaves(Leaving.REQUEST_LIMIT);
    child.leaves(Leaving.HUNG);
    pool.advance(Duration.ZERO);

    assertThat(child.drainingUntil()).isEqualTo(pool.now().plusSeconds(30));
  }
}
