package io.clutch.client.internal.balance;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pools whose processes become more, fewer, or others. */
final class ServerResizeTest {

  private static final Duration MOMENT = Duration.ofMillis(20);
  private static final Duration WHILE = Duration.ofSeconds(5);

  private final Simulation time = new Simulation();
  private final FakePool pool = new FakePool(4);
  private SimulatedClient client;

  @BeforeEach
  void connect() {
    // The slots that a smaller pool has not come first.
    pool.dealTo(pool.process(4), pool.process(2), pool.process(3), pool.process(1));
    client = new SimulatedClient(time, pool);
    time.run(WHILE);
  }

  @Test
  void theHeadersOfAnAnswerTellOfMoreProcesses() {
    grow();

    client.open().get(0).call().headers(6);
    time.run(MOMENT);

    assertThat(client.processes()).isEqualTo(names());
    assertThat(client.dials()).isEqualTo(6);
  }

  @Test
  void theTrailersOfARefusalTellOfMoreProcesses() {
    grow();

    client.open().get(0).call().refused(6);
    time.run(MOMENT);

    assertThat(client.processes()).isEqualTo(names());
  }

  @Test
  void aNewConnectionTellsOfMoreProcesses() {
    grow();

    client.wireTo(pool.process(1)).lose("cut");
    time.run(MOMENT);

    assertThat(client.processes()).isEqualTo(names());
  }

  @Test
  void whatIsKnownAlreadyChangesNothing() {
    int changes = client.changes;

    client.open().forEach(wire -> wire.call().headers(4));
    time.run(WHILE);

    assertThat(client.dials()).isEqualTo(4);
    assertThat(client.changes).isEqualTo(changes);
  }

  @Test
  void whereThereAreFewerTheSurplusIsClosedAndTheHighestSlotsGo() {
    pool.size(2);

    say(2);

    assertThat(client.processes()).containsExactly(pool.process(1).name(), pool.process(2).name());
    assertThat(client.open()).hasSize(2);
    assertThat(client.dials()).isEqualTo(4);
  }

  @Test
  void aSmallerNumberIsBelievedWhenNobodySaysTheLargerOneAnyMore() {
    for (int i = 0; i < 100; i++) {
      time.run(Duration.ofMillis(100));
      client.open().get(i % 4).call().headers(i % 2 == 0 ? 4 : 2);
    }

    assertThat(client.processes()).isEqualTo(names());
    assertThat(client.dials()).isEqualTo(4);
  }

  @Test
  void aProcessThatIsAboutToLeaveKeepsItsPlaceUntilItHasLeft() {
    for (int i = 0; i < 20; i++) {
      time.run(Duration.ofMillis(100));
      client.wireTo(pool.process(1)).call().headers(3);
    }
    assertThat(client.processes()).hasSize(4);

    pool.end(pool.process(2));
    pool.size(3);
    time.run(MOMENT);

    assertThat(client.processes()).isEqualTo(names());
    assertThat(client.open()).hasSize(3);
    assertThat(client.dials()).isLessThanOrEqualTo(5);
  }

  @Test
  void aNewProcessThatHasNotHeardYetIsUsed() {
    pool.size(3);
    FakeProcess old = pool.process(2);
    FakeProcess replacement = pool.start(2);
    pool.end(old);
    time.run(MOMENT);

    client.wireTo(pool.process(1)).call().headers(4);
    time.run(WHILE);

    assertThat(client.processes()).contains(replacement.name()).isEqualTo(names());
  }

  @Test
  void aPoolThatIsLargeAgainIsReachedAgain() {
    pool.size(2);
    say(2);
    assertThat(client.processes()).hasSize(2);

    pool.size(4);

    client.open().get(0).call().headers(4);
    time.run(MOMENT);

    assertThat(client.processes()).isEqualTo(names());
  }

  @Test
  void processesThatHaveNotHeardYetDoNotUndoWhatOthersSaid() {
    grow();
    client.wireTo(pool.process(1)).call().headers(6);
    time.run(MOMENT);

    client.wireTo(pool.process(2)).call().headers(4);
    time.run(WHILE);

    assertThat(client.processes()).isEqualTo(names());
    assertThat(client.dials()).isEqualTo(6);
  }

  @Test
  void whileAPoolShrinksNoCallGoesToAClosedConnection() {
    time.afterEach(
        () ->
            assertThat(client.server().usable())
                .allMatch(connection -> connection.state() == Connection.State.GREETED));

    pool.size(1);
    say(1);

    assertThat(client.open()).hasSize(1);
    assertThat(client.processes()).containsExactly(pool.process(1).name());
  }

  @Test
  void aReplacedProcessIsReachedAtOnceAndTheOldOneNeverUsedAgain() {
    FakeProcess old = pool.process(2);
    FakeProcess replacement = pool.start(2);

    pool.end(old);

    assertThat(client.processes()).doesNotContain(old.name());
    time.run(MOMENT);
    assertThat(client.processes()).contains(replacement.name()).isEqualTo(names());
    assertThat(client.dials()).isEqualTo(5);
  }

  @Test
  void aRollingRestartCostsOneConnectionForEachProcess() {
    for (int slot = 1; slot <= 4; slot++) {
      FakeProcess old = pool.process(slot);
      pool.start(slot);
      pool.end(old);
      time.run(WHILE);

      assertThat(client.processes()).isEqualTo(names());
    }
    assertThat(client.dials()).isEqualTo(8);
  }

  @Test
  void aProcessThatCrashedIsReachedSoonAfterItIsBack() {
    pool.end(pool.process(3));
    time.run(Duration.ofSeconds(1));
    assertThat(client.processes()).hasSize(3);

    pool.start(3);
    time.run(Duration.ofSeconds(1));

    assertThat(client.processes()).isEqualTo(names());
    assertThat(client.open()).hasSize(4);
  }

  /** All answers say so, long enough to be believed. */
  private void say(int size) {
    for (int i = 0; i < 60; i++) {
      client.open().get(0).call().headers(size);
      time.run(Duration.ofMillis(100));
    }
    time.run(WHILE);
  }

  private void grow() {
    pool.size(6);
    pool.start(5);
    pool.start(6);
  }

  private ImmutableList<String> names() {
    return pool.processes().stream()
        .map(FakeProcess::name)
        .sorted()
        .collect(ImmutableList.toImmutableList());
  }
}
