package io.clutch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.Sets;
import io.clutch.v1.PoolEvent;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Order(1)
@Timeout(300)
final class PoolRestartIT {

  @AutoClose private final ClutchProcesses clutch = ClutchProcesses.quick();

  @Test
  void rollingRestartsUnderLoadLoseNothing() throws InterruptedException {
    PoolProcess pool = clutch.pool(4);
    AtomicInteger most = new AtomicInteger();
    try (PoolLoad load = new PoolLoad(pool.address(), 8);
        Threads counter = new Threads(1, () -> count(pool, most))) {
      for (int round = 1; round <= 3; round++) {
        load.awaitMore();
        Set<Long> before = pool.pids();

        pool.supervisor().signal("HUP");
        int restarts = round;
        await()
            .atMost(PoolProcess.LIMIT)
            .until(() -> pool.events(PoolEvent.Kind.RESTART_DONE).size() == restarts);

        assertThat(Sets.intersection(before, pool.pids())).isEmpty();
      }
      load.awaitMore();
      assertThat(load.failures()).isEmpty();
    }
    assertThat(most.get()).isEqualTo(5);
    assertThat(pool.stop()).isZero();
  }

  private static void count(PoolProcess pool, AtomicInteger most) {
    most.accumulateAndGet(pool.pids().size(), Math::max);
    // A child takes much longer to start.
    LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
  }
}
