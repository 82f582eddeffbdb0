package io.clutch.durable.internal.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PriorityTurnsTest {

  private static final List<List<String>> LINES =
      List.of(
          Collections.nCopies(100, "high"),
          Collections.nCopies(100, "normal"),
          Collections.nCopies(100, "low"));

  @Test
  void onlyThatWhichIsTakenHasHadItsTurn() {
    PriorityTurns turns = new PriorityTurns();
    List<String> taken = new ArrayList<>();

    for (int i = 0; i < 42; i++) {
      Iterator<String> inTurn = turns.inTurn(LINES);
      taken.add(inTurn.next());
      assertThat(inTurn.hasNext()).isTrue();
    }

    assertThat(taken).filteredOn("high"::equals).hasSize(32);
    assertThat(taken).filteredOn("normal"::equals).hasSize(8);
    assertThat(taken).filteredOn("low"::equals).hasSize(2);
  }

  @Test
  void allHaveTheirTurn() {
    List<String> taken = new ArrayList<>();

    new PriorityTurns().inTurn(LINES).forEachRemaining(taken::add);

    assertThat(taken).hasSize(300);
  }
}
