package io.clutch.client.internal.balance;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.clutch.client.internal.balance.FakePool.Door;
import io.clutch.protocol.Durations;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Servers that cannot be reached, are silent, or are lost. */
// It looks at the log, in which others would write, too.
@Isolated
final class ServerFailureTest {

  private static final Duration MOMENT = Duration.ofMillis(20);
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  private final Simulation time = new Simulation();
  private LogCapture log;

  @BeforeEach
  void openLog() {
    log = new LogCapture();
  }

  @AfterEach
  void closeLog() {
    log.close();
  }

  @Test
  void whoRefusesIsDialledAfterPausesThatGrowToASecond() {
    FakePool pool = pool(3, Door.REFUSING);
    SimulatedClient client = new SimulatedClient(time, pool);

    time.run(MINUTE);

    List<Duration> pauses = pauses(client);
    assertThat(pauses.get(0)).isBetween(Duration.ofMillis(25), Duration.ofMillis(55));
    assertThat(pauses).allMatch(pause -> pause.compareTo(Duration.ofMillis(1005)) <= 0);
    assertThat(pauses.subList(6, pauses.size()))
        .allMatch(pause -> pause.compareTo(Duration.ofMillis(500)) >= 0);
    assertThat(client.mostOpen).isEqualTo(1);
  }

  @Test
  void clientsThatFailTogetherDoNotComeBackTogether() {
    FakePool pool = pool(1, Door.REFUSING);
    SimulatedClient one = client(pool, 1, CONNECT_TIMEOUT, 1);
    SimulatedClient other = client(pool, 1, CONNECT_TIMEOUT, 2);

    time.run(MINUTE);

    assertThat(one.dialledAt.subList(1, 40)).doesNotContainAnyElementsOf(other.dialledAt);
  }

  @Test
  void whoRefusedIsReachedWithinASecondOfItsReturn() {
    FakePool pool = pool(3, Door.REFUSING);
    SimulatedClient client = new SimulatedClient(time, pool);
    time.run(MINUTE);

    pool.door(Door.OPEN);
    time.run(SECOND.plus(MOMENT));

    assertThat(client.processes()).hasSize(3);
  }

  @Test
  void afterASuccessPausesBeginAnew() {
    FakePool pool = pool(1, Door.REFUSING);
    SimulatedClient client = new SimulatedClient(time, pool);
    time.run(MINUTE);
    pool.door(Door.OPEN);
    time.run(MINUTE);

    int before = client.dials();
    pool.door(Door.REFUSING);
    pool.end(pool.process(1));
    time.run(MINUTE);

    assertThat(pauses(client).get(before)).isLessThan(Duration.ofMillis(55));
  }

  @Test
  void whoDoesNotAnswerIsGivenUpAfterTheConnectTimeout() {
    SimulatedClient client = new SimulatedClient(time, pool(3, Door.WALLED_UP));

    time.run(CONNECT_TIMEOUT.minusMillis(1));
    assertThat(client.open()).hasSize(1);
    assertThat(client.server().problem()).isEmpty();

    time.run(Duration.ofMillis(2));
    assertThat(client.open()).isEmpty();
    assertThat(client.server().problem()).contains("no answer within 5 s");

    time.run(MINUTE);
    assertThat(client.mostOpen).isEqualTo(1);
    assertThat(client.dials()).isBetween(9, 14);
  }

  @Test
  void theConnectTimeoutIsTakenFromTheConfiguration() {
    SimulatedClient client = client(pool(1, Door.WALLED_UP), 1, Duration.ofMillis(1500), 1);

    time.run(Duration.ofMillis(1501));

    assertThat(client.server().problem()).contains("no answer within 1500 ms");
  }

  @Test
  void eachAddressMayTakeTheConnectTimeoutAndIsOnceTheFirst() {
    SimulatedClient client = client(pool(1, Door.WALLED_UP), 3, CONNECT_TIMEOUT, 1);

    time.run(Duration.ofSeconds(15).minusMillis(1));
    assertThat(client.open()).hasSize(1);
    time.run(MINUTE);

    assertThat(client.server().problem()).contains("no answer within 15 s");
    assertThat(client.wires.stream().map(wire -> wire.attempt).toList())
        .isEqualTo(IntStream.range(0, client.dials()).boxed().toList());
  }

  @Test
  void theLongestConnectTimeoutIsLegalForAnyNumberOfAddresses() {
    SimulatedClient client = client(pool(1, Door.WALLED_UP), 5, Durations.LONGEST, 1);

    time.run(MINUTE);

    assertThat(client.open()).hasSize(1);
  }

  @Test
  void whoConnectsButDoesNotGreetIsGivenUpAfterTheConnectTimeout() {
    FakePool pool = pool(1, Door.OPEN);
    pool.process(1).silent(true);
    SimulatedClient client = new SimulatedClient(time, pool);

    time.run(CONNECT_TIMEOUT.plus(MOMENT));
    assertThat(client.server().problem()).isPresent();

    pool.process(1).silent(false);
    time.run(SECOND);
    assertThat(client.processes()).hasSize(1);
  }

  @Test
  void aSilentProcessDoesNotKeepOthersFromBeingUsed() {
    FakePool pool = pool(3, Door.OPEN);
    pool.dealTo(pool.process(1), pool.process(2), pool.process(3));
    pool.process(2).silent(true);
    SimulatedClient client = new SimulatedClient(time, pool);

    time.run(MOMENT);

    assertThat(client.processes()).containsExactly(pool.process(1).name(), pool.process(3).name());
    assertThat(client.server().problem()).isEmpty();
  }

  @Test
  void aServerWhoseConnectionsEndAtOnceIsDialledAfterPausesThatGrow() {
    FakePool pool = pool(1, Door.OPEN);
    SimulatedClient client = new SimulatedClient(time, pool);
    FakeProcess process = pool.process(1);
    time.afterEach(
        () -> {
          if (!client.server().usable().isEmpty()) {
            client.wireTo(process).lose("gone again");
          }
        });

    time.run(MINUTE);

    assertThat(client.dials()).isBetween(50, 150);
    assertThat(pauses(client).get(client.dials() - 2)).isGreaterThan(Duration.ofMillis(500));
    assertThat(client.mostOpen).isEqualTo(1);
    assertThat(client.server().problem()).contains("gone again");
  }

  @Test
  void aServerThatServedIsDialledAtOnceWhenItIsLost() {
    FakePool pool = pool(1, Door.OPEN);
    SimulatedClient client = new SimulatedClient(time, pool);
    time.run(MINUTE);

    pool.end(pool.process(1));

    assertThat(client.dials()).isEqualTo(2);
    assertThat(client.server().usable()).isEmpty();
    assertThat(client.server().problem()).isEmpty();
    assertThat(client.losses).isEqualTo(1);
  }

  @Test
  void theProblemIsWhatTheLastAttemptFailedWith() {
    FakePool pool = pool(1, Door.REFUSING);
    SimulatedClient client = new SimulatedClient(time, pool);
    assertThat(client.server().problem()).isEmpty();

    time.run(SECOND);
    assertThat(client.server().problem()).contains("refused");
    assertThat(client.losses).isEqualTo(client.dials());

    pool.door(Door.WALLED_UP);
    time.run(CONNECT_TIMEOUT.plus(SECOND));
    assertThat(client.server().problem()).contains("no answer within 5 s");

    pool.door(Door.OPEN);
    time.run(CONNECT_TIMEOUT.plus(SECOND));
    assertThat(client.server().problem()).isEmpty();

    pool.door(Door.REFUSING);
    pool.end(pool.process(1));
    assertThat(client.server().problem()).isEmpty();

    time.run(SECOND);
    assertThat(client.server().problem()).contains("refused");
  }

  @Test
  void itsOwnerHearsOfEachProblem() {
    FakePool pool = pool(1, Door.REFUSING);
    SimulatedClient client = new SimulatedClient(time, pool);

    time.run(FakePool.LATENCY);

    assertThat(client.changes).isPositive();
  }

  @Test
  void whatIsUsedIsOpen() {
    FakePool pool = pool(3, Door.OPEN);
    SimulatedClient client = new SimulatedClient(time, pool);
    time.run(MOMENT);
    FakeProcess lost = pool.process(2);

    pool.end(lost);

    assertThat(client.processes()).hasSize(2).doesNotContain(lost.name());
  }

  @Test
  void aServerThatCannotBeReachedIsLoggedOnceAndItsReturnToo() {
    FakePool pool = pool(1, Door.REFUSING);
    SimulatedClient client = new SimulatedClient(time, pool);
    time.run(MINUTE);
    pool.door(Door.OPEN);
    time.run(MINUTE);

    assertThat(client.processes()).hasSize(1);
    assertThat(log.messages(Level.WARN))
        .containsExactly("server server cannot be reached: refused");
    assertThat(log.messages(Level.INFO)).containsExactly("server server is reached again");
  }

  @Test
  void onceClosedItDoesNothing() {
    FakePool pool = pool(3, Door.OPEN);
    SimulatedClient client = new SimulatedClient(time, pool);
    time.run(FakePool.LATENCY.multipliedBy(4));
    assertThat(client.dials()).isEqualTo(3);
    FakeWire used = client.open().get(0);
    int changes = client.changes;

    client.server().close();
    used.call().headers(7);
    client.server().heard(9);
    pool.end(pool.process(1));
    time.run(MINUTE);

    assertThat(client.wires).allMatch(FakeWire::isClosed);
    assertThat(client.dials()).isEqualTo(3);
    assertThat(client.server().usable()).isEmpty();
    assertThat(client.changes).isEqualTo(changes);
  }

  private FakePool pool(int size, Door door) {
    FakePool pool = new FakePool(size);
    pool.door(door);
    return pool;
  }

  private SimulatedClient client(FakePool pool, int addresses, Duration connectTimeout, int seed) {
    return new SimulatedClient(
        time,
        pool,
        "host",
        addresses,
        new BalanceConfig(BalanceConfig.AUTO, 64, connectTimeout),
        new Random(seed));
  }

  private static List<Duration> pauses(SimulatedClient client) {
    return IntStream.range(1, client.dials())
        .mapToObj(i -> client.dialledAt.get(i).minus(client.dialledAt.get(i - 1)))
        .toList();
  }
}
