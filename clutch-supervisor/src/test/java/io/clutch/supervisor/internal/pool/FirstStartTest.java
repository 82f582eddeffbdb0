package io.clutch.supervisor.internal.pool;

import static io.clutch.supervisor.internal.pool.TestSettings.pool;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.supervisor.internal.pool.Child.State;
import io.clutch.supervisor.internal.pool.Pool.Goal;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FirstStartTest {

  @Test
  void allAreStartedAtOnceWhereThereIsNoInterval() {
    PoolSimulation pool = pool(3).start();

    assertThat(pool.did()).containsExactly("spawn 1.1", "spawn 2.1", "spawn 3.1");
    assertThat(pool.names(State.STARTING)).containsExactly("1.1", "2.1", "3.1");
  }

  @Test
  void oneIsStartedEveryInterval() {
    PoolSimulation pool = pool(3).spawnInterval(ofSeconds(10)).start();

    pool.advance(ofSeconds(40));

    assertThat(pool.didWhen()).containsExactly("0s spawn 1.1", "10s spawn 2.1", "20s spawn 3.1");
  }

  @Test
  void theIntervalDoesNotDependOnTheChildren() {
    PoolSimulation pool = pool(3).spawnInterval(ofSeconds(10)).start();

    pool.advance(ofSeconds(1));
    pool.ready(1);
    pool.advance(ofSeconds(8));
    pool.advance(ofSeconds(1));
    pool.ready(2);

    assertThat(pool.didWhen()).containsExactly("0s spawn 1.1", "10s spawn 2.1");
  }

  @Test
  void aChildIsReadyWhenItSaysSo() {
    PoolSimulation pool = pool(2).start();

    pool.advance(ofSeconds(59));
    assertThat(pool.names(State.READY)).isEmpty();
    pool.ready(2);

    assertThat(pool.names(State.READY)).containsExactly("2.1");
    assertThat(pool.child(2).readyAt()).isEqualTo(pool.now());
    assertThat(pool.child(1).readyAt()).isNull();
  }

  @Test
  void aChildBringsItsOwnGracefulTimeout() {
    PoolSimulation pool = pool(1).gracefulTimeout(ofSeconds(30)).start();
    Child child = pool.child(1);
    assertThat(child.gracefulTimeout()).isEqualTo(ofSeconds(30));

    pool.pool().ready(child, ofSeconds(7), pool.now());
    pool.leave(Goal.LEAVE);

    assertThat(pool.last(Action.Drain.class).atMost()).isEqualTo(ofSeconds(7));
  }

  @Test
  void nothingIsDoneWhereAllServe() {
    PoolSimulation pool = pool(4).spawnInterval(ofSeconds(1)).serving();

    pool.advance(ofMinutes(60));

    assertThat(pool.did()).isEmpty();
    assertThat(pool.untilWakeUp()).isGreaterThan(Duration.ofDays(1));
  }
}
