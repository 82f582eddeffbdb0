package io.clutch.supervisor.internal.pool;

import static io.clutch.supervisor.internal.pool.TestSettings.pool;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clutch.supervisor.internal.pool.Child.State;
import io.clutch.supervisor.internal.pool.Pool.Goal;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResizeTest {

  @Test
  void morePlacesAreFilled() {
    PoolSimulation pool = pool(2).spawnInterval(ofSeconds(10)).serving();
    pool.advance(ofSeconds(10));
    pool.did();

    pool.resize(4);
    pool.advance(ofSeconds(30));

    assertThat(pool.didWhen()).containsExactly("0s spawn 3.1", "10s spawn 4.1");
  }

  @Test
  void theLastOnesAreDrainedWhereThereAreTooMany() {
    PoolSimulation pool = pool(4).serving();

    pool.resize(2);

    assertThat(pool.did()).containsExactly("drain 3.1", "drain 4.1");
    assertThat(pool.last(Action.Drain.class).why()).contains("2 children");
    pool.exitDrained();
    pool.advance(ofMinutes(5));
    assertThat(pool.did()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, PoolSettings.MOST_WORKERS + 1})
  void aNumberThatIsNotPossibleIsRefused(int size) {
    PoolSimulation pool = pool(2).serving();

    assertThatThrownBy(() -> pool.resize(size))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("max-workers is " + size);
    assertThat(pool.pool().size()).isEqualTo(2);
  }

  @Test
  void aSlotWhoseChildStillDrainsIsFilledAgain() {
    PoolSimulation pool = pool(2).serving();
    pool.resize(1);

    pool.resize(2);

    assertThat(pool.did()).containsExactly("drain 2.1", "spawn 2.2");
    pool.ready(2);
    pool.exitDrained();
    assertThat(pool.names(State.READY)).containsExactly("1.1", "2.2");
  }

  @Test
  void childrenThatAreStartingGoToo() {
    PoolSimulation pool = pool(3).start();
    pool.ready(1);
    pool.did();

    pool.resize(1);

    assertThat(pool.did()).containsExactly("drain 2.1", "drain 3.1", "announce");
  }

  @Test
  void aPlaceThatWaitsAfterACrashIsGivenUp() {
    PoolSimulation pool = pool(2).serving();
    pool.exit(2);

    pool.resize(1);
    pool.advance(ofMinutes(1));

    assertThat(pool.did()).isEmpty();
    assertThat(pool.untilWakeUp()).isGreaterThan(Duration.ofDays(1));
  }

  @Test
  void aCrashWhileThoseTooManyDrainIsMadeGood() {
    PoolSimulation pool = pool(4).serving();
    pool.resize(1);
    pool.did();

    pool.exit(1);
    pool.advance(ofSeconds(1));

    assertThat(pool.did()).containsExactly("spawn 1.2");
  }

  @Test
  void aPoolThatGrowsInARestartReplacesOnlyTheOldOnes() {
    PoolSimulation pool = pool(2).serving();
    pool.restart();
    pool.did();

    pool.resize(3);
    assertThat(pool.did()).containsExactly("spawn 3.1");
    pool.liveFor(ofSeconds(10));

    assertThat(pool.did())
        .containsExactly("drain 1.1", "spawn 2.2 for 2.1", "drain 2.1", "restart done");
  }

  @Test
  void aPoolThatShrinksInARestartDrainsOldAndNew() {
    PoolSimulation pool = pool(3).serving();
    pool.restart();
    pool.liveFor(ofSeconds(4));
    assertThat(pool.did()).endsWith("spawn 3.2 for 3.1");

    pool.resize(2);
    assertThat(pool.did()).containsExactly("drain 3.1", "drain 3.2");
    pool.exitDrained();

    assertThat(pool.did()).containsExactly("restart done");
  }

  @Test
  void aPoolThatShrinksWhileOneIsRelievedKeepsTheNewOne() {
    PoolSimulation pool = pool(2).serving();
    pool.restart();
    pool.ready(1);
    pool.did();

    pool.resize(1);
    pool.exitDrained();

    assertThat(pool.did()).containsExactly("drain 2.1", "restart done");
    assertThat(pool.names(State.READY)).containsExactly("1.2");
  }

  @Test
  void aPoolThatLeavesDoesNotGrow() {
    PoolSimulation pool = pool(1).serving();
    pool.leave(Goal.LEAVE);
    pool.did();

    pool.resize(5);
    pool.advance(ofSeconds(1));
    pool.exitDrained();

    assertThat(pool.did()).containsExactly("exit 0");
  }
}
