package io.clutch.supervisor.internal.pool;

import static io.clutch.supervisor.internal.pool.TestSettings.pool;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.supervisor.internal.pool.Child.State;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RequestLimitTest {

  @Test
  void noneIsReplacedBeforeHalfOfItsCallsAreTaken() {
    PoolSimulation pool = pool(1).maxRequests(1000).serving();

    // A rate at which all would be taken long before a replacement is ready.
    pool.handled(1, 499, ofMillis(1));
    assertThat(pool.did()).isEmpty();
    pool.handled(1, 500, ofMillis(1));

    assertThat(pool.did()).containsExactly("spawn 1.2 for 1.1");
  }

  @Test
  void aReplacementIsStartedSoAheadOfTimeThatItIsReadyAtTheLimit() {
    // Children take a second to become ready; at 100 calls/s that is 100 calls.
    PoolSimulation pool = pool(1).maxRequests(1000).serving();

    for (long handled = 10; handled < 890; handled += 10) {
      callsAtHundredPerSecond(pool, handled);
    }
    assertThat(pool.did()).isEmpty();
    for (long handled = 890; handled <= 910; handled += 10) {
      callsAtHundredPerSecond(pool, handled);
    }

    assertThat(pool.did()).containsExactly("spawn 1.2 for 1.1");
    assertThat(pool.child(1).maxRequests()).isEqualTo(1000);
    pool.advance(ofSeconds(1));
    pool.ready(1);
    assertThat(pool.did()).containsExactly("drain 1.1");
    assertThat(pool.last(Action.Drain.class).why()).contains("calls", "1000");
  }

  @Test
  void aSlowChildIsReplacedOnlyAtTheLimit() {
    PoolSimulation pool = pool(1).maxRequests(1000).serving();

    pool.handled(1, 900, ofMinutes(60));
    pool.handled(1, 999, ofMinutes(60));
    assertThat(pool.did()).isEmpty();
    pool.handled(1, 1000, ofMinutes(60));

    assertThat(pool.did()).containsExactly("spawn 1.2 for 1.1");
  }

  @Test
  void oneIsReplacedAtATime() {
    PoolSimulation pool = pool(3).maxRequests(100).serving();

    for (int slot = 1; slot <= 3; slot++) {
      pool.handled(slot, 99, ofSeconds(1));
    }
    assertThat(pool.did()).containsExactly("spawn 1.2 for 1.1");
    pool.ready(1);
    assertThat(pool.did()).containsExactly("drain 1.1");
    pool.exitDrained();

    assertThat(pool.did()).containsExactly("spawn 2.2 for 2.1");
  }

  @Test
  void withoutALimitNoneIsReplaced() {
    PoolSimulation pool = pool(1).serving();

    pool.handled(1, Long.MAX_VALUE / 4, ofSeconds(1));

    assertThat(pool.did()).isEmpty();
  }

  @Test
  void limitsDifferByTheJitterAtMost() {
    PoolSimulation pool = pool(200).maxRequests(100).maxRequestsJitter(4).start();

    assertThat(pool.pool().children())
        .extracting(Child::maxRequests)
        .allMatch(limit -> limit >= 96 && limit <= 100)
        .contains(96L, 97L, 98L, 99L, 100L);
  }

  @Test
  void withoutJitterAllHaveTheSameLimit() {
    PoolSimulation pool = pool(10).maxRequests(100).start();

    assertThat(pool.pool().children()).extracting(Child::maxRequests).containsOnly(100L);
  }

  @Test
  void aChildAtItsLimitLeavesAtOnceAndItsSlotIsFilledAtOnce() {
    PoolSimulation pool =
        pool(2)
            .maxRequests(100)
            .errRespawnInterval(ofMinutes(1))
            .gracefulTimeout(ofSeconds(30))
            .serving();

    pool.leaves(1, Leaving.REQUEST_LIMIT);

    assertThat(pool.did()).containsExactly("drain 1.1", "spawn 1.2");
    pool.exitDrained();
    pool.ready(1);
    pool.advance(ofMinutes(2));
    assertThat(pool.did()).isEmpty();
    assertThat(pool.names(State.READY)).containsExactly("1.2", "2.1");
  }

  @Test
  void aChildThatWasAtItsLimitSoonAfterItsStartHasNotCrashed() {
    PoolSimulation pool = pool(1).maxRequests(1).start();

    for (int generation = 1; generation <= 10; generation++) {
      pool.ready(1);
      pool.did();
      pool.leaves(1, Leaving.REQUEST_LIMIT);
      assertThat(pool.did())
          .containsExactly(
              "drain 1.%d".formatted(generation), "spawn 1.%d".formatted(generation + 1));
      pool.exitDrained();
    }
  }

  @Test
  void itDoesNotWaitForAReplacementThatIsOnItsWay() {
    PoolSimulation pool = pool(1).maxRequests(100).serving();
    pool.handled(1, 99, ofSeconds(1));
    assertThat(pool.did()).containsExactly("spawn 1.2 for 1.1");

    pool.oldest(1).leaves(Leaving.REQUEST_LIMIT);
    pool.advance(Duration.ZERO);

    assertThat(pool.did()).containsExactly("drain 1.1");
    pool.exitDrained();
    pool.ready(1);
    assertThat(pool.did()).isEmpty();
  }

  private static void callsAtHundredPerSecond(PoolSimulation pool, long handled) {
    pool.advance(ofMillis(100));
    pool.handled(1, handled, ofMillis(100));
  }
}
