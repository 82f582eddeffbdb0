package io.clutch.client.internal.balance;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import io.grpc.CallOptions;
import io.grpc.ClientStreamTracer;
import io.grpc.LoadBalancer.PickResult;
import io.grpc.LoadBalancer.PickSubchannelArgs;
import io.grpc.Metadata;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Which connection a call takes. */
final class ConnectionPickerTest {

  private final SimulatedClient client = Picks.server(3);
  private final ImmutableList<Connection> connections = client.server().usable();
  private final AtomicInteger turn = new AtomicInteger();
  private final ConnectionPicker picker = picker(connections, Choice.FEWEST_IN_FLIGHT);
  private final CallTrail trail = new CallTrail();

  @Test
  void equalsTakeTurns() {
    assertThat(pick(picker, 6)).containsExactly(0, 1, 2, 0, 1, 2);
  }

  @Test
  void callsUnderWaySpreadEvenly() {
    for (int i = 0; i < 30; i++) {
      begin(pick(picker, trail));
    }

    assertThat(connections).extracting(Connection::inFlight).containsOnly(10);
  }

  @Test
  void theOneWithTheFewestCallsIsTaken() {
    begin(0, 0, 2);

    assertThat(pick(picker, 3)).containsExactly(1, 1, 1);
    begin(1, 1, 1);
    assertThat(pick(picker, 3)).containsExactly(2, 2, 2);
  }

  @Test
  void aCallThatHasEndedCountsNoMore() {
    FakeWire.FakeCall call = begin(0);
    assertThat(pick(picker, 4)).doesNotContain(0);

    call.end();

    assertThat(pick(picker, 4)).contains(0);
  }

  @Test
  void underRotationTheNumberOfCallsDoesNotMatter() {
    begin(0, 0, 0, 1);

    assertThat(pick(picker(connections, Choice.ROTATION), 6)).containsExactly(0, 1, 2, 0, 1, 2);
  }

  @Test
  void turnsGoOnWhereTheConnectionsChange() {
    pick(picker, 2);

    assertThat(pick(picker(connections, Choice.ROTATION), 1)).containsExactly(2);
  }

  @Test
  void turnsGoOnWhereTheyCannotBeCountedAnyMore() {
    turn.set(Integer.MAX_VALUE - 2);

    assertThat(pick(picker, 20)).contains(0, 1, 2);
  }

  @Test
  void anAvoidedProcessIsLeftOutThoughItHasTheFewestCalls() {
    begin(1, 2);
    assertThat(pick(picker, trail)).isZero();
    trail.avoidProcess();
    turn.set(0);

    assertThat(List.of(pick(picker, trail), pick(picker, trail), pick(picker, trail)))
        .isSubsetOf(1, 2);
    assertThat(trail.hasOther()).isTrue();
  }

  @Test
  void aCallThatAvoidsAnotherProcessEachTimeComesToAll() {
    List<Integer> tried = new ArrayList<>();
    do {
      tried.add(pick(picker, trail));
      trail.avoidProcess();
    } while (trail.hasOther());

    assertThat(tried).containsExactlyInAnyOrder(0, 1, 2);
  }

  @Test
  void whereAllAreAvoidedAnyIsTaken() {
    for (int i = 0; i < 3; i++) {
      pick(picker, trail);
      trail.avoidProcess();
    }
    begin(0, 1);

    assertThat(pick(picker, trail)).isEqualTo(2);
    assertThat(trail.hasOther()).isFalse();
  }

  @Test
  void noProcessOfAnAvoidedServerIsTaken() {
    SimulatedClient other = Picks.server(1);
    Connection elsewhere = other.server().usable().get(0);
    ConnectionPicker both =
        picker(
            ImmutableList.<Connection>builder().addAll(connections).add(elsewhere).build(),
            Choice.FEWEST_IN_FLIGHT);
    assertThat(pick(both, trail)).isZero();

    trail.avoidServer();

    for (int i = 0; i < 5; i++) {
      assertThat(both.pickSubchannel(Picks.call(trail))).isEqualTo(elsewhere.result());
    }
  }

  @Test
  void underRotationAvoidedProcessesAreLeftOutToo() {
    ConnectionPicker rotation = picker(connections, Choice.ROTATION);
    assertThat(pick(rotation, trail)).isZero();
    trail.avoidProcess();

    assertThat(List.of(pick(rotation, trail), pick(rotation, trail), pick(rotation, trail)))
        .doesNotContain(0);
  }

  @Test
  void aCallWithoutATrailIsServedToo() {
    assertThat(picker.pickSubchannel(Picks.call(null))).isEqualTo(connections.get(0).result());
  }

  @Test
  void whileThereAreMoreToComeOnlyOneCallTakesAConnection() {
    ConnectionPicker opening =
        new ConnectionPicker(connections.subList(0, 1), Choice.ROTATION, turn, true);
    assertThat(opening.pickSubchannel(Picks.call(trail))).isEqualTo(connections.get(0).result());
    begin(0);

    assertThat(opening.pickSubchannel(Picks.call(trail)).hasResult()).isFalse();
    assertThat(trail.obstacle()).isPresent();
  }

  @Test
  void eachStreamGetsAConnectionOfItsOwnAndAFurtherOneWaits() {
    FakeStream[] streams = {new FakeStream(), new FakeStream(), new FakeStream()};
    List<PickResult> results = new ArrayList<>();
    for (FakeStream stream : streams) {
      results.add(picker.pickSubchannel(stream.args()));
    }
    assertThat(results)
        .containsExactlyInAnyOrderElementsOf(connections.stream().map(Connection::result).toList());
    assertThat(picker.pickSubchannel(streams[0].args())).isEqualTo(results.get(0));
    FakeStream further = new FakeStream();
    assertThat(picker.pickSubchannel(further.args()).hasResult()).isFalse();

    streams[1].place.leave();

    assertThat(picker.pickSubchannel(further.args())).isEqualTo(results.get(1));
    streams[1].place.leave();
    assertThat(picker.pickSubchannel(new FakeStream().args()).hasResult()).isFalse();
  }

  @Test
  void theCallsOfAStreamCountAndTheStreamDoesNot() {
    FakeStream stream = new FakeStream();
    PickResult result = picker.pickSubchannel(stream.args());
    stream.begin(result);
    assertThat(stream.placed).isTrue();
    assertThat(connections).extracting(Connection::inFlight).containsOnly(0);

    stream.underWay = 5;

    assertThat(connections).extracting(Connection::inFlight).containsExactlyInAnyOrder(5, 0, 0);
    assertThat(pick(picker, 4)).doesNotContain(indexOf(result));
  }

  @Test
  void theStreamOfAConnectionThatFallsOutOfUseIsToldSo() {
    FakeStream stream = new FakeStream();
    PickResult result = picker.pickSubchannel(stream.args());
    stream.begin(result);

    client.wires.get(indexOf(result)).lose("lost");

    assertThat(stream.retired).isTrue();
  }

  @Test
  void aStreamThatHasNotBegunTakesAnotherConnectionWhereItsOwnFallsOutOfUse() {
    FakeStream stream = new FakeStream();
    PickResult result = picker.pickSubchannel(stream.args());

    client.wires.get(indexOf(result)).lose("lost");

    assertThat(stream.retired).isFalse();
    PickResult other =
        picker(client.server().usable(), Choice.FEWEST_IN_FLIGHT).pickSubchannel(stream.args());
    assertThat(other.hasResult()).isTrue();
    assertThat(other).isNotEqualTo(result);
  }

  private int indexOf(PickResult result) {
    return connections.stream().map(Connection::result).toList().indexOf(result);
  }

  /** A stream that notes what it is told. */
  private static final class FakeStream implements StreamPlace.Stream {
    private final StreamPlace place = new StreamPlace(this);
    private boolean placed;
    private boolean retired;
    private int underWay;

    PickSubchannelArgs args() {
      return Picks.rpc(CallOptions.DEFAULT.withOption(StreamPlace.KEY, place));
    }

    void begin(PickResult result) {
      var unused =
          result
              .getStreamTracerFactory()
              .newClientStreamTracer(
                  ClientStreamTracer.StreamInfo.newBuilder()
                      .setCallOptions(CallOptions.DEFAULT.withOption(StreamPlace.KEY, place))
                      .build(),
                  new Metadata());
    }

    @Override
    public void placed() {
      placed = true;
    }

    @Override
    public void retired() {
      retired = true;
    }

    @Override
    public int underWay() {
      return underWay;
    }
  }

  private ConnectionPicker picker(ImmutableList<Connection> among, Choice choice) {
    return new ConnectionPicker(among, choice, turn, false);
  }

  /** Which of the connections that many calls take, none of which stays under way. */
  private List<Integer> pick(ConnectionPicker from, int calls) {
    List<Integer> picked = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      picked.add(pick(from, new CallTrail()));
    }
    return picked;
  }

  private int pick(ConnectionPicker from, CallTrail with) {
    return connections.stream()
        .map(Connection::result)
        .toList()
        .indexOf(from.pickSubchannel(Picks.call(with)));
  }

  private void begin(int... indexes) {
    for (int index : indexes) {
      FakeWire.FakeCall unused = begin(index);
    }
  }

  private FakeWire.FakeCall begin(int index) {
    return client.wires.get(index).call();
  }
}
