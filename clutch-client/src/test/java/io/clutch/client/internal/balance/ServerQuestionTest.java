package io.clutch.client.internal.balance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Processes that are silent while calls are under way are asked how many they are. */
final class ServerQuestionTest {

  private static final Duration MOMENT = Duration.ofMillis(20);
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  private final Simulation time = new Simulation();
  private final FakePool pool = new FakePool(2);
  private SimulatedClient client;
  private FakeProcess first;
  private FakeWire wire;

  @BeforeEach
  void connect() {
    client = new SimulatedClient(time, pool);
    time.run(MOMENT);
    first = pool.process(1);
    wire = client.wireTo(first);
  }

  @Test
  void withoutACallOneIsAskedNowAndThen() {
    time.run(Duration.ofMinutes(1));

    assertThat(client.wires.stream().mapToInt(ServerQuestionTest::asked).sum()).isBetween(4, 6);
  }

  @Test
  void aProcessWithACallIsAskedAfterEachSecondOfSilence() {
    FakeWire.FakeCall call = wire.call();

    time.run(SECOND.minus(MOMENT.multipliedBy(2)));
    assertThat(asked(wire)).isZero();
    time.run(SECOND.multipliedBy(10));
    assertThat(asked(wire)).isBetween(5, 10);

    call.end();
    int before = asked(wire);
    time.run(SECOND.multipliedBy(10));
    assertThat(asked(wire)).isEqualTo(before);
    assertThat(client.dials()).isEqualTo(2);
  }

  @Test
  void aProcessThatAnswersCallsIsNotAsked() {
    FakeWire.FakeCall unused = wire.call();

    for (int i = 0; i < 100; i++) {
      time.run(Duration.ofMillis(100));
      FakeWire.FakeCall quick = wire.call();
      quick.headers(2);
      quick.end();
    }

    assertThat(asked(wire)).isZero();
  }

  @Test
  void theAnswerTellsOfMoreProcesses() {
    FakeWire.FakeCall unused = wire.call();
    pool.size(3);
    FakeProcess third = pool.start(3);

    time.run(SECOND.multipliedBy(2).plus(MOMENT));

    assertThat(client.processes()).hasSize(3).contains(third.name());
  }

  @Test
  void whoeverDoesNotAnswerIsReplaced() {
    FakeWire.FakeCall unused = wire.call();
    FakeProcess spare = pool.start(1);
    first.silent(true);

    time.run(SECOND.plus(CONNECT_TIMEOUT).plus(SECOND));

    assertThat(wire.isClosed()).isTrue();
    assertThat(client.processes()).containsExactly(pool.process(2).name(), spare.name());
    assertThat(client.server().problem()).isEmpty();
  }

  @Test
  void oneIsAskedAtATimeAndWhoWasSilentForLongestFirst() {
    FakeWire other = client.wireTo(pool.process(2));
    FakeWire.FakeCall unused = wire.call();
    FakeWire.FakeCall heard = other.call();
    time.run(Duration.ofMillis(500));
    heard.headers(2);
    first.silent(true);

    time.run(SECOND.multipliedBy(4));
    assertThat(asked(wire)).isEqualTo(1);
    assertThat(asked(other)).isZero();

    first.silent(false);
    time.run(SECOND.multipliedBy(2));
    assertThat(asked(other)).isPositive();
  }

  @Test
  void anAnswerThatDoesNotSayHowManyTheyAreChangesNothing() {
    FakeWire.FakeCall unused = wire.call();
    first.forgetsItself();

    time.run(SECOND.multipliedBy(10));

    assertThat(asked(wire)).isPositive();
    assertThat(client.processes()).hasSize(2);
    assertThat(client.dials()).isEqualTo(2);
  }

  /** How often after the first time. */
  private static int asked(FakeWire wire) {
    return wire.asked - 1;
  }
}
