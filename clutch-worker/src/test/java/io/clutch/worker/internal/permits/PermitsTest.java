package io.clutch.worker.internal.permits;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Ticker;
import io.clutch.worker.internal.permits.Permits.Seat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who may send how much; time passes by hand. */
class PermitsTest {

  private long now;
  private final FakePlaces places = new FakePlaces(2);
  private final Permits permits =
      new Permits(
          places,
          new Ticker() {
            @Override
            public long read() {
              return now;
            }
          });

  private static final class FakePlaces implements Places {
    private final int concurrency;
    private int running;
    private int waiting;
    private int backlog;
    private long ended;
    private int givenBack;

    FakePlaces(int concurrency) {
      this.concurrency = concurrency;
    }

    @Override
    public int concurrency() {
      return concurrency;
    }

    @Override
    public int free() {
      return concurrency - running;
    }

    @Override
    public int waiting() {
      return waiting;
    }

    @Override
    public int backlog() {
      return backlog;
    }

    @Override
    public long ended() {
      return ended;
    }

    @Override
    public void giveBack() {
      givenBack++;
      waiting = backlog;
    }
  }

  /** A client, and what it was told. */
  private final class Client {
    private final List<Integer> told = new ArrayList<>();
    private final Seat seat = permits.open(told::add);

    int permits() {
      return told.get(told.size() - 1);
    }

    void starts() {
      seat.heard();
      seat.came();
      places.running++;
      permits.changed();
    }

    void ends() {
      places.running--;
      places.ended++;
      seat.ended();
    }

    void waits(int calls) {
      seat.heard();
      seat.waiting(calls);
    }
  }

  private void pass(Duration time) {
    now += time.toNanos();
    boolean unused = permits.tick();
  }

  private void run(int times, Duration each) {
    for (int i = 0; i < times; i++) {
      permits.ran(each.toNanos());
    }
    pass(Duration.ofMillis(10));
  }

  @Test
  void aSingleClientIsOfferedEverything() {
    assertThat(new Client().permits()).isEqualTo(2);
  }

  @Test
  void aSingleClientThatKeepsToItsPermitsIsToldNothingMore() {
    Client client = new Client();
    for (int i = 0; i < 10; i++) {
      client.starts();
      client.starts();
      client.ends();
      client.ends();
    }
    assertThat(client.told).containsExactly(2);
  }

  @Test
  void whatOneTakesIsWithdrawnFromTheOthers() {
    Client first = new Client();
    Client second = new Client();

    first.starts();
    assertThat(second.permits()).isEqualTo(1);
    first.starts();
    assertThat(second.permits()).isZero();
    first.ends();
    assertThat(second.permits()).isEqualTo(1);
  }

  @Test
  void freePlacesGoRoundToThoseWhoWait() {
    Client many = new Client();
    Client one = new Client();
    many.starts();
    many.starts();
    many.waits(1_000);
    one.waits(1);

    many.ends();
    // It had its two; the next one is the other's or its own, and the one after that not again.
    many.ends();

    assertThat(one.permits()).isEqualTo(1);
    assertThat(many.permits()).isEqualTo(1);
  }

  @Test
  void aPromiseEndsAndIsMadeToAnotherOne() {
    Client deaf = new Client();
    Client other = new Client();
    other.starts();
    other.starts();
    deaf.waits(5);
    other.ends();
    assertThat(deaf.permits()).isEqualTo(1);
    other.waits(1);
    assertThat(other.permits()).isEqualTo(1);

    pass(Duration.ofMillis(20));

    assertThat(deaf.permits()).isZero();
    assertThat(other.permits()).isEqualTo(2);
  }

  @Test
  void whoNeverTakesWhatItAskedForIsGivenLessAndLess() {
    places.running = 1;
    Client deaf = new Client();
    Client other = new Client();
    deaf.waits(5);
    int starts = 0;
    for (int i = 0; i < 300; i++) {
      other.waits(10);
      if (other.permits() > 0) {
        other.starts();
        pass(Duration.ofMillis(10));
        other.ends();
        starts++;
      } else {
        pass(Duration.ofMillis(10));
      }
    }
    assertThat(starts).isGreaterThan(250);
  }

  @Test
  void whoFallsSilentKeepsAPermit() {
    Client silent = new Client();
    Client busy = new Client();
    busy.starts();
    busy.starts();
    assertThat(silent.permits()).isZero();

    pass(Duration.ofMillis(101));
    assertThat(silent.permits()).isEqualTo(1);
    int before = silent.told.size();
    for (int i = 0; i < 10; i++) {
      busy.ends();
      busy.starts();
    }

    assertThat(silent.told).hasSize(before);
  }

  @Test
  void whoWaitsDoesNotFallSilent() {
    Client waiting = new Client();
    Client busy = new Client();
    busy.starts();
    busy.starts();
    waiting.waits(1);

    pass(Duration.ofSeconds(10));
    busy.ends();

    assertThat(waiting.permits()).isEqualTo(1);
  }

  @Test
  void quickCallsShareAMillisecondsWork() {
    Client first = new Client();
    for (int i = 0; i < 20; i++) {
      run(100, Duration.ofNanos(10_000));
    }
    assertThat(first.permits()).isEqualTo(2 * 100);

    first.seat.heard();
    Client second = new Client();
    assertThat(first.permits()).isEqualTo(100);
    assertThat(second.permits()).isEqualTo(100);
    assertThat(first.seat.room(false)).isEqualTo(400);
    assertThat(first.seat.room(true)).isZero();
  }

  @Test
  void quickCallsAreNotToldOfOneByOne() {
    Client first = new Client();
    Client second = new Client();
    for (int i = 0; i < 20; i++) {
      run(100, Duration.ofNanos(10_000));
    }
    int before = first.told.size() + second.told.size();
    for (int i = 0; i < 10; i++) {
      first.starts();
      second.starts();
      first.ends();
      second.ends();
    }
    assertThat(first.told.size() + second.told.size()).isEqualTo(before);
  }

  @Test
  void slowCallsEndThat() {
    Client client = new Client();
    for (int i = 0; i < 20; i++) {
      run(100, Duration.ofNanos(10_000));
    }
    run(16, Duration.ofMillis(50));

    assertThat(client.permits()).isEqualTo(2);
    assertThat(client.seat.room(false)).isZero();
  }

  @Test
  void whenSlowCallsHoldAllPlacesWhatWaitsIsGivenBack() {
    Client client = new Client();
    for (int i = 0; i < 20; i++) {
      run(100, Duration.ofNanos(10_000));
    }
    client.starts();
    client.starts();
    places.waiting = 7;

    pass(Duration.ofMillis(10));
    pass(Duration.ofMillis(10));

    assertThat(places.givenBack).isEqualTo(1);
    assertThat(client.permits()).isEqualTo(2);
  }

  @Test
  void whatWaitsBehindSlowCallsIsGivenBackAfterAWhileThoughNoneAreQuick() {
    Client client = new Client();
    client.starts();
    client.starts();
    places.waiting = 1;

    pass(Duration.ofMillis(50));
    assertThat(places.givenBack).isZero();
    for (int i = 0; i < 10; i++) {
      pass(Duration.ofMillis(10));
    }

    assertThat(places.givenBack).isEqualTo(1);
    assertThat(client.permits()).isEqualTo(2);
  }

  @Test
  void slowCallsThatEndMoveTheLineSoThatNothingIsGivenBack() {
    Client client = new Client();
    client.starts();
    client.starts();
    places.waiting = 1;

    for (int i = 0; i < 100; i++) {
      places.ended += i % 5 == 0 ? 1 : 0;
      pass(Duration.ofMillis(10));
    }

    assertThat(places.givenBack).isZero();
  }

  @Test
  void whatWaitsInABacklogKeepsItsPlaceInTheLine() {
    Client client = new Client();
    places.running = 2;
    places.backlog = 1;
    places.waiting = 2;
    client.seat.came();

    for (int i = 0; i < 100; i++) {
      pass(Duration.ofMillis(10));
    }
    assertThat(places.givenBack).isZero();

    places.backlog = 0;
    places.waiting = 1;
    for (int i = 0; i < 10; i++) {
      pass(Duration.ofMillis(10));
    }
    assertThat(places.givenBack).isEqualTo(1);
  }

  @Test
  void behindABacklogEachClientMayQueueOne() {
    Client client = new Client();
    places.running = 2;
    places.backlog = 50;
    places.waiting = 50;
    client.waits(3);

    assertThat(client.permits()).isEqualTo(1);
    assertThat(client.seat.room(true)).isEqualTo(Integer.MAX_VALUE);
    assertThat(client.seat.room(true)).isZero();
    client.seat.leftQueue();
    assertThat(client.seat.room(true)).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void whoHasGoneLeavesItsPlaceToOthers() {
    Client gone = new Client();
    Client other = new Client();
    gone.waits(2);
    assertThat(other.permits()).isZero();

    gone.seat.close();

    assertThat(other.permits()).isEqualTo(2);
  }

  @Test
  void nobodyThereIsNothingToDo() {
    Client client = new Client();
    client.seat.close();
    now += Duration.ofSeconds(1).toNanos();
    assertThat(permits.tick()).isFalse();
  }

  // Siblings.

  @Test
  void aSiblingIsOfferedNothing() {
    Sibling sibling = new Sibling();

    assertThat(sibling.permits()).isZero();
  }

  @Test
  void aSiblingWithCallsWaitingGetsAFreePlace() {
    Sibling sibling = new Sibling();

    sibling.waits(5);

    assertThat(sibling.permits()).isEqualTo(2);
    sibling.starts();
    sibling.starts();
    assertThat(sibling.permits()).isEqualTo(2);
    assertThat(sibling.told).containsExactly(0, 2);
  }

  @Test
  void withoutAFreePlaceASiblingGetsNothingUntilOneIsFree() {
    places.running = 2;
    Sibling sibling = new Sibling();
    sibling.waits(1);
    assertThat(sibling.permits()).isZero();

    places.running = 1;
    permits.changed();

    assertThat(sibling.permits()).isEqualTo(1);
  }

  @Test
  void aSiblingThatHasNothingWaitingAnyMoreLosesItsPromise() {
    Sibling sibling = new Sibling();
    sibling.waits(1);
    assertThat(sibling.permits()).isEqualTo(1);

    sibling.waits(0);

    assertThat(sibling.permits()).isZero();
  }

  @Test
  void siblingsAndClientsThatWaitTakeTurns() {
    places.running = 2;
    Client client = new Client();
    Sibling sibling = new Sibling();
    client.waits(10);
    sibling.waits(10);
    int ofClient = client.permits();
    assertThat(sibling.permits()).isZero();

    places.running = 0;
    permits.changed();

    assertThat(sibling.permits()).isEqualTo(1);
    assertThat(client.permits()).isEqualTo(Math.max(ofClient, 1));
  }

  @Test
  void whatIsPromisedToASiblingIsNotOfferedToClients() {
    Client client = new Client();
    assertThat(client.permits()).isEqualTo(2);
    Sibling sibling = new Sibling();

    sibling.waits(2);

    assertThat(sibling.permits()).isEqualTo(2);
    assertThat(client.permits()).isZero();
  }

  @Test
  void aSiblingTakesNothingAwayFromWhatClientsAreOffered() {
    Client client = new Client();
    Sibling unused = new Sibling();

    permits.changed();

    assertThat(client.permits()).isEqualTo(2);
  }

  @Test
  void aSiblingsCallNeverWaits() {
    Sibling sibling = new Sibling();
    places.running = 2;
    places.backlog = 5;
    places.waiting = 5;
    assertThat(sibling.seat.room(false)).isZero();

    run(100, Duration.ofNanos(10_000));

    assertThat(sibling.seat.room(false)).isZero();
  }

  @Test
  void howeverQuickCallsAreASiblingGetsFreePlacesOnly() {
    Client client = new Client();
    Sibling sibling = new Sibling();
    run(100, Duration.ofNanos(10_000));
    run(100, Duration.ofNanos(10_000));
    assertThat(client.permits()).isGreaterThan(50);
    assertThat(sibling.permits()).isZero();

    sibling.waits(10);
    assertThat(sibling.permits()).isEqualTo(2);
    sibling.starts();
    sibling.starts();
    assertThat(sibling.permits()).isEqualTo(2);
    sibling.waits(0);
    sibling.ends();
    assertThat(sibling.permits()).isEqualTo(1);
    sibling.ends();
    assertThat(sibling.permits()).isZero();
    assertThat(client.permits()).isGreaterThan(50);
  }

  @Test
  void aSilentSiblingIsLeftWithNothing() {
    Sibling sibling = new Sibling();
    sibling.waits(1);
    sibling.waits(0);

    pass(Duration.ofMillis(200));

    assertThat(sibling.permits()).isZero();
    sibling.waits(1);
    assertThat(sibling.permits()).isEqualTo(1);
  }

  @Test
  void quickCallsMayWaitForAboutAMillisecondSlowOnesNotAtAll() {
    Client unused = new Client();
    assertThat(permits.spare()).isZero();

    run(100, Duration.ofNanos(100_000));
    run(100, Duration.ofNanos(100_000));
    assertThat(permits.spare()).isBetween(10, 40);

    run(100, Duration.ofMillis(5));
    assertThat(permits.spare()).isZero();
  }

  @Test
  void quickCallsBehindASlowOneWaitNoLonger() {
    Client unused = new Client();
    run(100, Duration.ofNanos(10_000));
    run(100, Duration.ofNanos(10_000));
    assertThat(permits.spare()).isPositive();
    places.running = 2;
    places.waiting = 3;
    places.backlog = 3;

    pass(Duration.ofMillis(10));

    assertThat(permits.spare()).isZero();
  }

  /** A sibling, and what it was told. */
  private final class Sibling {
    private final List<Integer> told = new ArrayList<>();
    private final Seat seat = permits.openForSibling(told::add);

    int permits() {
      return told.get(told.size() - 1);
    }

    void waits(int calls) {
      seat.heard();
      seat.waiting(calls);
    }

    void starts() {
      seat.heard();
      seat.came();
      places.running++;
      permits.changed();
    }

    void ends() {
      places.running--;
      places.ended++;
      seat.ended();
    }
  }
}
