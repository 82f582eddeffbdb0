package io.clutch.supervisor.internal.pool;

import static io.clutch.supervisor.internal.pool.TestSettings.pool;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.protocol.Durations;
import io.clutch.supervisor.internal.pool.Child.State;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class CrashTest {

  private static final Duration SERVED = ofSeconds(5);

  @Test
  void aChildThatHasServedForAWhileIsReplacedAfterTheInterval() {
    PoolSimulation pool = pool(2).errRespawnInterval(ofSeconds(3)).serving();

    pool.exit(1);
    pool.advance(ofMinutes(1));

    assertThat(pool.didWhen()).containsExactly("3s spawn 1.2");
  }

  @Test
  void thePauseStaysTheSameForThoseThatServeForAWhile() {
    PoolSimulation pool = pool(1).errRespawnInterval(ofSeconds(3)).serving();

    for (int i = 0; i < 10; i++) {
      assertThat(pauseAfter(pool, SERVED)).isEqualTo(ofSeconds(3));
    }
  }

  @Test
  void thePauseDoublesUpToHalfAMinuteForThoseThatAreNeverReady() {
    PoolSimulation pool = pool(2).errRespawnInterval(ofSeconds(1)).serving();

    pool.exit(1);
    pool.advance(ofSeconds(1));

    for (int seconds : new int[] {1, 2, 4, 8, 16, 30, 30, 30}) {
      pool.exit(1);
      assertThat(untilFilled(pool)).isEqualTo(ofSeconds(seconds));
    }
  }

  @Test
  void thePauseDoublesForThoseThatDieSoonAfterTheyAreReady() {
    PoolSimulation pool = pool(1).errRespawnInterval(ofSeconds(2)).start();

    for (int seconds : new int[] {2, 4, 8, 16, 30, 30}) {
      assertThat(pauseAfter(pool, SERVED.minusMillis(1))).isEqualTo(ofSeconds(seconds));
    }
  }

  @Test
  void oneThatServesForAWhileEndsTheDoubling() {
    PoolSimulation pool = pool(1).errRespawnInterval(ofSeconds(1)).start();
    for (int i = 0; i < 10; i++) {
      pauseAfter(pool, Duration.ZERO);
    }

    assertThat(pauseAfter(pool, SERVED)).isEqualTo(ofSeconds(1));
    assertThat(pauseAfter(pool, Duration.ZERO)).isEqualTo(ofSeconds(1));
    assertThat(pauseAfter(pool, Duration.ZERO)).isEqualTo(ofSeconds(2));
  }

  @Test
  void oneThatServesForAWhileAndEndsAsAskedEndsTheDoublingToo() {
    PoolSimulation pool = pool(1).errRespawnInterval(ofSeconds(1)).start();
    for (int i = 0; i < 10; i++) {
      pauseAfter(pool, Duration.ZERO);
    }
    pool.ready(1);
    pool.advance(SERVED);

    pool.leaves(1, Leaving.REQUEST_LIMIT);
    pool.exitDrained();

    assertThat(pauseAfter(pool, Duration.ZERO)).isEqualTo(ofSeconds(1));
    assertThat(pauseAfter(pool, Duration.ZERO)).isEqualTo(ofSeconds(2));
  }

  @Test
  void thePauseIsOfTheSlotAlone() {
    PoolSimulation pool = pool(2).errRespawnInterval(ofSeconds(1)).serving();
    for (int i = 0; i < 5; i++) {
      pool.exit(1);
      untilFilled(pool);
    }
    pool.ready(1);

    pool.exit(2);

    assertThat(untilFilled(pool)).isEqualTo(ofSeconds(1));
  }

  @Test
  void anIntervalOverHalfAMinuteDoesNotGrowAndIsNotCut() {
    PoolSimulation pool = pool(1).errRespawnInterval(ofMinutes(2)).start();

    for (int i = 0; i < 4; i++) {
      assertThat(pauseAfter(pool, Duration.ZERO)).isEqualTo(ofMinutes(2));
    }
  }

  @Test
  void theLongestIntervalOverflowsNowhere() {
    Duration longest = Durations.LONGEST;
    PoolSimulation pool = pool(1).errRespawnInterval(longest).start();

    for (int i = 0; i < 3; i++) {
      assertThat(pauseAfter(pool, Duration.ZERO)).isEqualTo(longest);
    }
  }

  @Test
  void withoutAnIntervalASlotIsFilledAtOnceButCrashesAreNoStorm() {
    PoolSimulation pool = pool(1).errRespawnInterval(Duration.ZERO).serving();

    assertThat(pauseAfter(pool, SERVED)).isZero();
    for (int millis : new int[] {0, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000}) {
      pool.exit(1);
      assertThat(untilFilled(pool)).isEqualTo(ofMillis(millis));
    }
  }

  @Test
  void theSpawnIntervalHoldsToo() {
    PoolSimulation pool = pool(3).spawnInterval(ofSeconds(10)).serving();

    pool.exit(1);
    pool.exit(2);
    pool.exit(3);
    pool.advance(ofMinutes(1));

    assertThat(pool.didWhen()).containsExactly("1s spawn 1.2", "11s spawn 2.2", "21s spawn 3.2");
  }

  @Test
  void aChildThatExitsByItselfWithoutAnErrorHasCrashedToo() {
    PoolSimulation pool = pool(1).serving();

    pool.exit(pool.child(1), "exited with code 0");

    assertThat(untilFilled(pool)).isEqualTo(ofSeconds(1));
  }

  /** How long the slot stays empty after its child has served for so long. */
  private static Duration pauseAfter(PoolSimulation pool, Duration served) {
    if (pool.child(1).is(State.STARTING)) {
      pool.ready(1);
    }
    Duration already = Duration.between(pool.child(1).readyAt(), pool.now());
    pool.advance(already.compareTo(served) > 0 ? Duration.ZERO : served.minus(already));
    pool.exit(1);
    return untilFilled(pool);
  }

  /** How long it takes until a child is started. */
  private static Duration untilFilled(PoolSimulation pool) {
    Duration waited = Duration.ZERO;
    while (pool.names(State.STARTING).isEmpty()) {
      Duration step = pool.untilWakeUp();
      assertThat(step).as("when to be asked again").isNotNull();
      pool.advance(step);
      waited = waited.plus(step);
    }
    return waited;
  }
}
