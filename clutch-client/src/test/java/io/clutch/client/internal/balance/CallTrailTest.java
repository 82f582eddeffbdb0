package io.clutch.client.internal.balance;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import io.grpc.LoadBalancer.PickResult;
import io.grpc.Status;
import org.junit.jupiter.api.Test;

/** What a call remembers of its attempts. */
final class CallTrailTest {

  private final ImmutableList<Connection> one = Picks.server(2).server().usable();
  private final ImmutableList<Connection> other = Picks.server(1).server().usable();
  private final ImmutableList<Connection> all =
      ImmutableList.<Connection>builder().addAll(one).addAll(other).build();
  private final CallTrail trail = new CallTrail();

  @Test
  void atFirstNothingIsAvoidedAndThereIsNoOther() {
    trail.avoidProcess();
    trail.avoidServer();

    assertThat(all).noneMatch(trail::avoids);
    assertThat(trail.hasOther()).isFalse();
    assertThat(trail.obstacle()).isEmpty();
  }

  @Test
  void aProcessIsAvoidedAlone() {
    trail.took(one.get(0), all);
    assertThat(trail.hasOther()).isTrue();

    trail.avoidProcess();

    assertThat(all).filteredOn(trail::avoids).containsExactly(one.get(0));
    assertThat(trail.hasOther()).isTrue();
  }

  @Test
  void aServerIsAvoidedWithAllItsProcesses() {
    trail.took(one.get(1), all);

    trail.avoidServer();

    assertThat(all).filteredOn(trail::avoids).isEqualTo(one);
  }

  @Test
  void whatIsAvoidedAddsUpUntilNothingIs() {
    trail.took(other.get(0), all);
    trail.avoidProcess();
    trail.took(one.get(0), all);
    trail.avoidServer();
    assertThat(trail.hasOther()).isFalse();

    trail.avoidNothing();

    assertThat(all).noneMatch(trail::avoids);
    assertThat(trail.hasOther()).isTrue();
  }

  @Test
  void whereThereIsNoConnectionTheCallKnowsWhatItWaitsFor() {
    trail.took(one.get(0), all);

    PickResult result =
        new NoConnectionPicker(PickResult.withNoResult(), "connecting to somewhere")
            .pickSubchannel(Picks.call(trail));

    assertThat(result).isEqualTo(PickResult.withNoResult());
    assertThat(trail.obstacle()).contains("connecting to somewhere");
    assertThat(trail.hasOther()).isFalse();
    trail.avoidProcess();
    assertThat(all).noneMatch(trail::avoids);
  }

  @Test
  void anObstacleIsForgottenOnceThereIsAConnection() {
    trail.waitsFor("something");

    trail.took(one.get(0), all);

    assertThat(trail.obstacle()).isEmpty();
  }

  @Test
  void whereThereIsNoConnectionACallWithoutATrailGetsTheSameResult() {
    PickResult error = PickResult.withError(Status.UNAVAILABLE);

    assertThat(new NoConnectionPicker(error, "nobody").pickSubchannel(Picks.call(null)))
        .isSameAs(error);
  }
}
