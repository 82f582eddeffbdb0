package io.clutch.benchmarks.durable;

import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.benchmarks.program.Fields;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RoundsTest {

  @Test
  void theRatioIsTheMedianOfThoseInTheSingleRounds() {
    Rounds ones = rounds(100, 10, 30);
    Rounds others = rounds(200, 100, 50);

    assertThat(ones.ratio(others)).isEqualTo(0.5);
    assertThat(ones.median("rate")).isEqualTo(30);
    assertThat(new Rounds().ratio(others)).isNaN();
  }

  @Test
  void aLineHasMediansAndAllFailures() {
    Rounds rounds = rounds(1000, 3000, 2000);
    rounds.add(Fields.none().with("rate", 4000).with("failed", 2).with("p99", 70));

    JobLine line = rounds.line("a load", "somebody", 0.125, 0.25);

    assertThat(JobLine.table(List.of(line)).lines())
        .containsExactly(
            "| durable calls | contestant | calls or jobs/s | p50 µs | p99 µs | commits/job to accept | in all | failed |",
            "|---------------|------------|----------------:|-------:|-------:|----------------------:|-------:|-------:|",
            "| a load        | somebody   |           2,500 |        |     70 |                 0.125 |  0.250 |      2 |");
  }

  private static Rounds rounds(int... rates) {
    Rounds rounds = new Rounds();
    for (int rate : rates) {
      rounds.add(Fields.none().with("rate", rate).with("failed", 0));
    }
    return rounds;
  }
}
