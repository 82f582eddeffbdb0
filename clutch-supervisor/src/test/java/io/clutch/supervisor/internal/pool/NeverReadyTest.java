package io.clutch.supervisor.internal.pool;

import static io.clutch.supervisor.internal.pool.TestSettings.pool;
import static java.time.Duration.ofMinutes;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.supervisor.internal.pool.Child.State;
import io.clutch.supervisor.internal.pool.Pool.Goal;
import org.junit.jupiter.api.Test;

class NeverReadyTest {

  @Test
  void thePoolEndsWithTheFirstFailure() {
    PoolSimulation pool = pool(2).start();
    pool.did();

    pool.exit(pool.child(2), "exited with code 3: no such class");
    pool.exit(pool.child(1), "exited with code 4");

    assertThat(pool.did()).containsExactly("exit 1");
    assertThat(pool.last(Action.Exit.class).why()).isEqualTo("exited with code 3: no such class");
  }

  @Test
  void noneIsStartedAfterTheFirstFailure() {
    PoolSimulation pool = pool(3).start();
    pool.did();

    pool.exit(1);
    pool.advance(ofSeconds(59));

    assertThat(pool.did()).isEmpty();
    assertThat(pool.names(State.STARTING)).containsExactly("2.1", "3.1");
  }

  @Test
  void thePoolEndsBeforeTheOthersWereStarted() {
    PoolSimulation pool = pool(4).spawnInterval(ofSeconds(10)).start();

    pool.exit(1);

    assertThat(pool.did()).containsExactly("spawn 1.1", "exit 1");
  }

  @Test
  void thePoolGoesOnWhereAnotherBecomesReady() {
    PoolSimulation pool = pool(2).start();
    pool.exit(1);
    pool.did();

    pool.advance(ofSeconds(10));
    assertThat(pool.did()).isEmpty();
    pool.ready(2);

    assertThat(pool.did()).containsExactly("announce", "spawn 1.2");
    pool.exit(1);
    pool.exit(2);
    pool.advance(ofMinutes(1));
    assertThat(pool.isOver()).isFalse();
    assertThat(pool.names(State.STARTING)).containsExactly("1.3", "2.2");
  }

  @Test
  void aChildThatWasKilledBecauseItWasNotReadyInTimeHasFailed() {
    PoolSimulation pool = pool(2).bootTimeout(ofSeconds(60)).start();
    pool.did();

    pool.advance(ofSeconds(60));
    assertThat(pool.did()).containsExactly("kill 1.1", "kill 2.1");
    pool.exit(pool.child(1), "killed: hangs in a constructor");
    pool.exit(pool.child(2), "killed");

    assertThat(pool.did()).containsExactly("exit 1");
    assertThat(pool.last(Action.Exit.class).why()).isEqualTo("killed: hangs in a constructor");
  }

  @Test
  void aChildThatSomeoneStoppedBeforeItWasReadyHasFailed() {
    PoolSimulation pool = pool(1).start();

    pool.leaves(1, Leaving.TOLD_TO_STOP);
    pool.exit(pool.oldest(1), "exited with code 143");

    assertThat(pool.isOver()).isTrue();
    assertThat(pool.last(Action.Exit.class)).isEqualTo(new Action.Exit(1, "exited with code 143"));
  }

  @Test
  void aChildThatThePoolIsTooSmallForHasNotFailed() {
    PoolSimulation pool = pool(2).start();

    pool.resize(1);
    pool.exit(2);
    pool.resize(2);

    assertThat(pool.isOver()).isFalse();
    assertThat(pool.names(State.STARTING)).containsExactly("1.1", "2.2");
  }

  @Test
  void aPoolThatWasToldToLeaveEndsWell() {
    PoolSimulation pool = pool(1).start();

    pool.leave(Goal.LEAVE);
    pool.exit(1);

    assertThat(pool.last(Action.Exit.class)).isEqualTo(new Action.Exit(0, "told by a test"));
  }

  @Test
  void aProcessThatCannotBeStartedIsAFailure() {
    PoolSimulation pool = pool(1).start();

    pool.exit(pool.child(1), "no such file: jvaa");

    assertThat(pool.last(Action.Exit.class)).isEqualTo(new Action.Exit(1, "no such file: jvaa"));
  }
}
