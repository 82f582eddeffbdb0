package io.clutch.supervisor.internal.pool;

import static io.clutch.supervisor.internal.pool.TestSettings.pool;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.supervisor.internal.pool.Pool.Goal;
import org.junit.jupiter.api.Test;

class AnnounceTest {

  @Test
  void thePoolIsReadyWhenAllFirstChildrenAre() {
    PoolSimulation pool = pool(3).start();
    pool.did();

    pool.ready(1);
    pool.ready(3);
    assertThat(pool.did()).isEmpty();
    pool.ready(2);

    assertThat(pool.did()).containsExactly("announce");
    assertThat(pool.pool().isAnnounced()).isTrue();
  }

  @Test
  void thatOneFailedDoesNotKeepThePoolFromBeingReady() {
    PoolSimulation pool = pool(3).start();
    pool.ready(1);
    pool.exit(2);
    pool.did();

    pool.ready(3);

    assertThat(pool.did()).containsExactly("announce");
  }

  @Test
  void theSlotsThatWaitForTheSpawnIntervalCount() {
    PoolSimulation pool = pool(2).spawnInterval(ofSeconds(10)).start();
    pool.ready(1);
    assertThat(pool.did()).containsExactly("spawn 1.1");

    pool.advance(ofSeconds(10));
    pool.ready(2);

    assertThat(pool.did()).containsExactly("spawn 2.1", "announce");
  }

  @Test
  void thePoolIsNotReadyWhileNoneIs() {
    PoolSimulation pool = pool(2).start();
    pool.ready(1);
    pool.exit(1);
    pool.did();

    pool.exit(2);
    assertThat(pool.did()).isEmpty();
    pool.advance(ofSeconds(1));
    assertThat(pool.did()).containsExactly("spawn 1.2", "spawn 2.2");
    pool.ready(1);

    assertThat(pool.did()).containsExactly("announce");
  }

  @Test
  void itIsSaidOnce() {
    PoolSimulation pool = pool(1).serving();

    pool.restart();
    pool.ready(1);
    pool.exit(pool.oldest(1));

    assertThat(pool.did()).doesNotContain("announce");
  }

  @Test
  void aPoolThatLeavesIsNotAnnounced() {
    PoolSimulation pool = pool(2).start();
    pool.ready(1);
    pool.leave(Goal.LEAVE_SLOWLY);
    pool.did();

    pool.exit(2);

    assertThat(pool.did()).doesNotContain("announce");
  }

  @Test
  void aSlotThatThePoolNoLongerHasDoesNotStandForAnother() {
    PoolSimulation pool = pool(3).start();
    pool.ready(2);
    pool.ready(3);
    pool.did();

    pool.resize(2);
    assertThat(pool.did()).containsExactly("drain 3.1");
    pool.ready(1);

    assertThat(pool.did()).containsExactly("announce");
  }
}
