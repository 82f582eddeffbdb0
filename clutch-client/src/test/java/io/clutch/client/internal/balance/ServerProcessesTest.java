package io.clutch.client.internal.balance;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A client comes to have a connection to each process. */
final class ServerProcessesTest {

  private static final Duration MOMENT = Duration.ofMillis(20);

  private final Simulation time = new Simulation();

  @Test
  void itBeginsWithOneConnectionAndMakesAsManyAsTheProcessSays() {
    FakePool pool = new FakePool(4);
    SimulatedClient client = new SimulatedClient(time, pool);

    time.run(FakePool.LATENCY.multipliedBy(2));
    assertThat(client.dials()).isEqualTo(1);
    assertThat(client.server().usable()).isEmpty();

    time.run(MOMENT);
    assertThat(client.dials()).isEqualTo(4);
    assertThat(client.processes()).isEqualTo(names(pool));
  }

  @Test
  void whoIsReachedIsDialledNoMore() {
    SimulatedClient client = new SimulatedClient(time, new FakePool(4));

    time.run(Duration.ofHours(1));

    assertThat(client.dials()).isEqualTo(4);
    assertThat(client.open()).hasSize(4);
    // One for each connection, and one for the end of the opening.
    assertThat(client.changes).isLessThanOrEqualTo(5);
  }

  @Test
  void aSecondConnectionToAProcessIsHeldUntilAllAreReachedThenClosed() {
    FakePool pool = new FakePool(3);
    pool.dealTo(pool.process(1), pool.process(1), pool.process(2), pool.process(1));
    SimulatedClient client = new SimulatedClient(time, pool);

    time.run(MOMENT);

    assertThat(client.processes()).isEqualTo(names(pool));
    assertThat(client.dials()).isEqualTo(5);
    assertThat(client.mostOpen).isEqualTo(5);
    assertThat(client.open())
        .containsExactly(client.wires.get(0), client.wires.get(2), client.wires.get(4));
  }

  @Test
  void aConnectionThatIsHeldGetsNoCall() {
    FakePool pool = new FakePool(3);
    FakeProcess first = pool.process(1);
    pool.dealTo(first, first, first, first, pool.process(2), pool.process(3));
    SimulatedClient client = new SimulatedClient(time, pool);
    time.afterEach(
        () ->
            assertThat(ImmutableSet.copyOf(client.processes()))
                .hasSameSizeAs(client.server().usable()));

    time.run(Duration.ofSeconds(1));

    assertThat(client.processes()).isEqualTo(names(pool));
  }

  @Test
  void aProcessThatCannotBeReachedIsTriedLessAndLess() {
    FakePool pool = new FakePool(4);
    pool.end(pool.process(3));
    pool.end(pool.process(4));
    SimulatedClient client = new SimulatedClient(time, pool);

    time.run(Duration.ofMinutes(10));

    assertThat(client.mostOpen).isLessThanOrEqualTo(2 * 4);
    assertThat(client.processes()).isEqualTo(names(pool));
    List<Duration> pauses = pauses(client, MOMENT);
    assertThat(pauses.get(0)).isBetween(Duration.ofMillis(125), Duration.ofMillis(270));
    assertThat(pauses.get(1)).isBetween(Duration.ofMillis(250), Duration.ofMillis(520));
    assertThat(pauses).allMatch(pause -> pause.compareTo(Duration.ofSeconds(32)) < 0);
    assertThat(pauses.subList(8, pauses.size()))
        .isNotEmpty()
        .allMatch(pause -> pause.compareTo(Duration.ofSeconds(15)) >= 0);
    // Each time as many are held as there are processes.
    assertThat(client.dials()).isLessThanOrEqualTo(4 * (pauses.size() + 1) + 4);
  }

  @Test
  void whileAProcessCannotBeReachedALostOneIsReplacedAtOnce() {
    FakePool pool = withoutItsLast(3);
    SimulatedClient client = new SimulatedClient(time, pool);
    time.run(Duration.ofMinutes(10));

    pool.end(pool.process(1));
    FakeProcess replacement = pool.start(1);
    time.run(MOMENT);

    assertThat(client.processes()).contains(replacement.name()).isEqualTo(names(pool));
  }

  @Test
  void aProcessThatCouldNotBeReachedIsFoundWhenItIsThere() {
    FakePool pool = withoutItsLast(3);
    SimulatedClient client = new SimulatedClient(time, pool);
    time.run(Duration.ofMinutes(10));
    assertThat(client.processes()).hasSize(2);

    pool.start(3);
    time.run(Duration.ofSeconds(31));

    assertThat(client.processes()).isEqualTo(names(pool));
    assertThat(client.open()).hasSize(3);
  }

  @Test
  void aProcessThatCrashedIsBackSoonThoughAnotherIsMissingForLong() {
    FakePool pool = withoutItsLast(3);
    SimulatedClient client = new SimulatedClient(time, pool);
    time.run(Duration.ofMinutes(10));

    pool.end(pool.process(1));
    time.run(Duration.ofSeconds(1));
    FakeProcess respawned = pool.start(1);
    time.run(Duration.ofSeconds(3));

    assertThat(client.processes()).contains(respawned.name());
  }

  @Test
  void twoClientsOnOneHostReachEveryProcessEach() {
    FakePool pool = new FakePool(4);
    SimulatedClient one = client(pool, "host", 1);
    SimulatedClient other = client(pool, "host", 2);

    time.run(Duration.ofSeconds(5));

    assertThat(one.processes()).isEqualTo(names(pool));
    assertThat(other.processes()).isEqualTo(names(pool));
    pool.processes().forEach(process -> assertThat(process.wires).hasSize(2));
  }

  @Test
  void manyClientsThatComeOneAfterAnotherReachEveryProcessEach() {
    FakePool pool = new FakePool(5);
    pool.closingTakes(Duration.ofSeconds(5));
    List<SimulatedClient> clients = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      clients.add(client(pool, "host " + i % 2, i));
      time.run(Duration.ofMillis(i));
    }

    time.run(Duration.ofSeconds(20));

    clients.forEach(client -> assertThat(client.processes()).isEqualTo(names(pool)));
    pool.processes().forEach(process -> assertThat(process.wires).hasSize(12));
  }

  @Test
  void fewerConnectionsThanProcessesGoToDifferentOnes() {
    FakePool pool = new FakePool(4);
    SimulatedClient client = new SimulatedClient(time, pool, fixed(2));

    time.run(Duration.ofMinutes(5));

    assertThat(client.processes()).hasSize(2).doesNotHaveDuplicates();
    assertThat(client.dials()).isEqualTo(2);
  }

  @Test
  void moreConnectionsThanProcessesAreSharedOutEvenly() {
    FakePool pool = new FakePool(4);
    SimulatedClient client = new SimulatedClient(time, pool, fixed(8));

    time.run(Duration.ofMinutes(5));

    assertThat(client.dials()).isEqualTo(8);
    names(pool)
        .forEach(name -> assertThat(Collections.frequency(client.processes(), name)).isEqualTo(2));
  }

  @Test
  void noProcessGetsMoreConnectionsThanItsShareWhereTheNumberIsFixed() {
    FakePool pool = new FakePool(3);
    FakeProcess first = pool.process(1);
    pool.dealTo(first, first, first, first);
    SimulatedClient client = new SimulatedClient(time, pool, fixed(4));

    time.run(MOMENT);

    assertThat(client.processes()).hasSize(4);
    assertThat(Collections.frequency(client.processes(), first.name())).isEqualTo(2);
    assertThat(client.open()).hasSize(4);
  }

  @Test
  void thereAreNoMoreConnectionsThanTheCap() {
    FakePool pool = new FakePool(10);
    SimulatedClient client =
        new SimulatedClient(
            time, pool, new BalanceConfig(BalanceConfig.AUTO, 3, Duration.ofSeconds(5)));

    time.run(Duration.ofMinutes(5));

    assertThat(client.processes()).hasSize(3).doesNotHaveDuplicates();
    assertThat(client.dials()).isEqualTo(3);
  }

  @Test
  void aNumberOfProcessesBeyondReasonDoesNotKeepTheRealOnesFromBeingUsed() {
    FakePool pool = new FakePool(2);
    pool.size(Integer.MAX_VALUE);
    SimulatedClient client =
        new SimulatedClient(
            time, pool, new BalanceConfig(BalanceConfig.AUTO, 4, Duration.ofSeconds(5)));

    time.run(MOMENT);

    assertThat(client.processes()).isEqualTo(names(pool));
    assertThat(client.mostOpen).isLessThanOrEqualTo(2 * 4);
  }

  @Test
  void whoDoesNotSayWhoItIsGetsOneConnection() {
    FakePool pool = anonymous();
    SimulatedClient client = new SimulatedClient(time, pool);

    time.run(Duration.ofMinutes(5));

    assertThat(client.server().usable()).hasSize(1);
    assertThat(client.dials()).isEqualTo(1);
  }

  @Test
  void whoDoesNotSayWhoItIsGetsAsManyConnectionsAsAreAskedFor() {
    FakePool pool = anonymous();
    SimulatedClient client = new SimulatedClient(time, pool, fixed(3));

    time.run(Duration.ofMinutes(5));

    assertThat(client.server().usable()).hasSize(3);
    assertThat(client.dials()).isEqualTo(3);
  }

  @Test
  void whoSaysOnlyHowManyTheyAreGetsThatManyConnections() {
    FakePool pool = anonymous();
    SimulatedClient client = new SimulatedClient(time, pool);
    time.run(MOMENT);

    client.open().get(0).call().headers(3);
    time.run(MOMENT);
    client.open().forEach(wire -> wire.call().headers(3));
    time.run(Duration.ofMinutes(5));

    assertThat(client.server().usable()).hasSize(3);
    assertThat(client.dials()).isEqualTo(3);
  }

  private FakePool anonymous() {
    FakePool pool = new FakePool(0);
    pool.startAnonymous();
    return pool;
  }

  /** A pool that says it has that many, of which one does not start. */
  private FakePool withoutItsLast(int size) {
    FakePool pool = new FakePool(size);
    pool.end(pool.process(size));
    return pool;
  }

  private SimulatedClient client(FakePool pool, String host, int seed) {
    return new SimulatedClient(time, pool, host, 1, BalanceConfig.DEFAULT, new Random(seed));
  }

  private static BalanceConfig fixed(int connectionsPerServer) {
    return new BalanceConfig(connectionsPerServer, 64, Duration.ofSeconds(5));
  }

  private static ImmutableList<String> names(FakePool pool) {
    return pool.processes().stream()
        .map(FakeProcess::name)
        .sorted()
        .collect(ImmutableList.toImmutableList());
  }

  /** Between one dial and the next, where that is longer than a moment. */
  private static List<Duration> pauses(SimulatedClient client, Duration moment) {
    List<Duration> pauses = new ArrayList<>();
    for (int i = 1; i < client.dialledAt.size(); i++) {
      Duration pause = client.dialledAt.get(i).minus(client.dialledAt.get(i - 1));
      if (pause.compareTo(moment) > 0) {
        pauses.add(pause);
      }
    }
    return pauses;
  }
}
