package io.clutch.supervisor.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.Iterables;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ConnectionsTest {

  private final List<Connections> children =
      IntStream.range(0, 4).mapToObj(unused -> new Connections()).toList();
  private long turn;

  @Test
  void thereIsNoPlaceWhereNoneIsReady() {
    assertThat(Connections.choose(List.<Connections>of(), Function.identity(), "a")).isEmpty();
  }

  @Test
  void theFewestFromTheSameHostCountFirst() {
    give(0, "a");
    for (int i = 1; i < 4; i++) {
      give(i, "b");
      give(i, "b");
    }
    give(2, "a");
    give(3, "a");

    assertThat(chosenFor("a")).isEqualTo(1);
    assertThat(chosenFor("b")).isEqualTo(0);
  }

  @Test
  void theFewestInAllCountNext() {
    give(3, "b");
    give(0, "b");
    give(0, "c");
    give(1, "b");
    give(1, "c");
    give(2, "b");
    give(2, "c");

    assertThat(chosenFor("a")).isEqualTo(3);
  }

  @Test
  void theOneThatWasGivenNoneForTheLongestTimeCountsLast() {
    for (int child : new int[] {2, 0, 3, 1}) {
      give(child, "b");
    }

    assertThat(chosenFor("a")).isEqualTo(2);
  }

  @Test
  void connectionsOfOneHostAreSpreadEvenly() {
    for (int i = 0; i < 400; i++) {
      give(chosenFor("a"), "a");
    }

    assertThat(children).extracting(Connections::size).containsOnly(100);
  }

  @Test
  void eachHostIsSpreadEvenlyThoughAnotherIsNot() {
    for (int i = 0; i < 50; i++) {
      give(0, "busy");
    }

    for (int i = 0; i < 8; i++) {
      give(chosenFor("a"), "a");
    }

    assertThat(children).extracting(Connections::size).containsExactly(52, 2, 2, 2);
  }

  @Test
  void shortConnectionsOneAfterAnotherReachAll() {
    int[] given = new int[4];

    for (int i = 0; i < 8; i++) {
      int child = chosenFor("a");
      given[child]++;
      children.get(child).remove(give(child, "a"));
    }

    assertThat(given).containsExactly(2, 2, 2, 2);
  }

  @Test
  void numbersCountFromOneForEachChild() {
    assertThat(give(0, "a")).isEqualTo(1);
    assertThat(give(0, "b")).isEqualTo(2);
    assertThat(give(1, "a")).isEqualTo(1);
  }

  @Test
  void aNumberIsNotGivenTwice() {
    children.get(0).remove(give(0, "a"));

    assertThat(give(0, "a")).isEqualTo(2);
  }

  @Test
  void oneThatHasEndedDoesNotCount() {
    List<Long> numbers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      numbers.add(give(i, "a"));
      give(i, "a");
    }

    children.get(2).remove(numbers.get(2));

    assertThat(children.get(2).size()).isEqualTo(1);
    assertThat(chosenFor("a")).isEqualTo(2);
    assertThat(chosenFor("b")).isEqualTo(2);
  }

  @Test
  void numbersThatAreNotKnownArePassedOver() {
    long number = give(0, "a");
    give(0, "a");

    children.get(0).remove(number);
    children.get(0).remove(number);
    children.get(0).remove(0);
    children.get(0).remove(-1);
    children.get(0).remove(99);

    assertThat(children.get(0).size()).isEqualTo(1);
    give(1, "a");
    give(2, "a");
    give(2, "a");
    give(3, "a");
    assertThat(chosenFor("a")).isEqualTo(0);
  }

  private long give(int child, String host) {
    turn++;
    return children.get(child).add(host, turn);
  }

  private int chosenFor(String host) {
    Optional<Connections> chosen = Connections.choose(children, Function.identity(), host);
    return Iterables.indexOf(children, child -> child == chosen.orElseThrow());
  }
}
