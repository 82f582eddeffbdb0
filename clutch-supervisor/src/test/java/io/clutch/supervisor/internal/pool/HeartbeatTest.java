package io.clutch.supervisor.internal.pool;

import static io.clutch.supervisor.internal.pool.TestSettings.pool;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.supervisor.internal.pool.Pool.Goal;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class HeartbeatTest {

  private static final Duration SILENCE = ofSeconds(15);

  @Test
  void aSilentChildSaysWhatItsThreadsDoAndIsThenKilled() {
    PoolSimulation pool = pool(2).heartbeatTimeout(SILENCE).serving();

    for (int i = 0; i < 20; i++) {
      pool.advance(ofSeconds(1));
      pool.heartbeat(2);
    }

    assertThat(pool.didWhen()).containsExactly("15s dump 1.1", "16s kill 1.1");
    assertThat(pool.last(Action.Kill.class).why()).contains("no sign of life", "PT15S");
  }

  @Test
  void aSignOfLifeInBetweenCallsItOff() {
    PoolSimulation pool = pool(1).heartbeatTimeout(SILENCE).serving();

    pool.advance(SILENCE);
    pool.advance(ofMillis(999));
    pool.heartbeat(1);
    assertThat(pool.did()).containsExactly("dump 1.1");
    pool.advance(SILENCE.minusMillis(1));
    assertThat(pool.did()).isEmpty();
    pool.advance(ofMinutes(1));

    assertThat(pool.didWhen()).containsExactly("0.001s dump 1.1", "1.001s kill 1.1");
  }

  @Test
  void aChildThatIsHeardStays() {
    PoolSimulation pool = pool(1).heartbeatTimeout(SILENCE).serving();

    for (int i = 0; i < 100; i++) {
      pool.advance(SILENCE.minusMillis(1));
      pool.heartbeat(1);
    }

    assertThat(pool.did()).isEmpty();
  }

  @Test
  void aChildThatFallsSilentWhenItIsReadyIsNoticed() {
    PoolSimulation pool = pool(1).heartbeatTimeout(SILENCE).start();
    pool.ready(1);
    pool.did();

    pool.advance(ofSeconds(20));

    assertThat(pool.didWhen()).containsExactly("15s dump 1.1", "16s kill 1.1");
  }

  @Test
  void toBecomeReadyIsASignOfLife() {
    PoolSimulation pool = pool(1).heartbeatTimeout(SILENCE).start();
    pool.heartbeat(1);
    pool.did();

    pool.advance(ofSeconds(40));
    pool.ready(1);
    assertThat(pool.did()).containsExactly("announce");
    pool.advance(SILENCE.minusMillis(1));

    assertThat(pool.did()).isEmpty();
  }

  @Test
  void theSlotOfASilentChildIsFilledAfterAPause() {
    PoolSimulation pool =
        pool(1).heartbeatTimeout(SILENCE).errRespawnInterval(ofSeconds(3)).serving();
    pool.advance(ofSeconds(16));
    assertThat(pool.did()).containsExactly("dump 1.1", "kill 1.1");

    pool.exitKilled();
    pool.advance(ofSeconds(5));

    assertThat(pool.didWhen()).containsExactly("3s spawn 1.2");
  }

  @Test
  void whoDrainsMayBeSilent() {
    PoolSimulation pool = pool(1).heartbeatTimeout(SILENCE).gracefulTimeout(ofMinutes(1)).serving();
    pool.leave(Goal.LEAVE);

    pool.advance(ofMinutes(1));

    assertThat(pool.did()).containsExactly("drain 1.1");
  }

  @Test
  void aSilentChildIsKilledWhileThePoolLeavesSlowly() {
    PoolSimulation pool = pool(2).heartbeatTimeout(SILENCE).spawnInterval(ofMinutes(1)).serving();
    pool.leave(Goal.LEAVE_SLOWLY);
    pool.exitDrained();
    pool.did();

    pool.advance(ofSeconds(20));
    pool.exitKilled();

    assertThat(pool.did()).containsExactly("dump 2.1", "kill 2.1", "exit 0");
  }
}
