package io.clutch.benchmarks.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class ResultsTest {

  private final Results results = new Results();

  @Test
  void aRatioComparesWhatWasMeasuredInTheSameRound() {
    Entry threads = new Entry(Load.FLIGHT_64, Contestant.THREADS, 1);
    Entry raw = new Entry(Load.FLIGHT_64, Contestant.RAW_FIXED, 1);
    // The machine was four times as fast in the second round.
    add(threads, 200, 800, 100);
    add(raw, 100, 400, 200);

    assertThat(results.ratio(threads, raw, Sample::rate)).isEqualTo(2);
    assertThat(results.median(threads, Sample::rate)).isEqualTo(200);
  }

  @Test
  void theBetterOneOfBothNumbersOfConnectionsCounts() {
    add(new Entry(Load.FLIGHT_64, Contestant.INLINE, 1), 150);
    add(new Entry(Load.FLIGHT_64, Contestant.RAW_DIRECT, 1), 100);
    add(new Entry(Load.FLIGHT_64, Contestant.INLINE, 2), 340);
    add(new Entry(Load.FLIGHT_64, Contestant.RAW_DIRECT, 2), 200);

    assertThat(figure("inline_64_vs_direct_c1")).isEqualTo(1.5);
    assertThat(figure("inline_64_vs_direct_c2")).isEqualTo(1.7);
    assertThat(figure("inline_64_vs_direct")).isEqualTo(1.7);
  }

  @Test
  void ofLargePayloadsTheWorsePairCounts() {
    add(new Entry(Load.MIB_4, Contestant.THREADS, 1), 90);
    add(new Entry(Load.MIB_4, Contestant.RAW_FIXED, 1), 100);
    add(new Entry(Load.MIB_4, Contestant.INLINE, 1), 120);
    add(new Entry(Load.MIB_4, Contestant.RAW_DIRECT, 1), 100);

    assertThat(figure("mib_4_vs_raw")).isEqualTo(0.9);
  }

  @Test
  void whatWasNotMeasuredHasNoFigure() {
    add(new Entry(Load.FLIGHT_64, Contestant.THREADS, 1), 100);

    assertThat(figure("threads_64_vs_direct")).isNaN();
    assertThat(figure("background_accept_rate")).isNaN();
    assertThat(figure("pool_2_vs_standalone_2")).isNaN();
  }

  @Test
  void linesHaveTheMediansAndAllFailures() {
    Entry entry = new Entry(Load.FLIGHT_64, Contestant.POOL, 0);
    results.add(entry, new Sample(10, 1, 2, 3, 4, 5, 6, 1));
    results.add(entry, new Sample(20, 1, 2, 3, 4, 5, 6, 2));

    assertThat(results.lines()).hasSize(1);
    assertThat(results.lines().get(0).rate()).isEqualTo(15);
    assertThat(results.lines().get(0).failed()).isEqualTo(3);
    assertThat(results.lines().get(0).connections()).isEqualTo("2");
  }

  @Test
  void everyFigureHasANameOfItsOwnAndAMeaning() {
    Map<String, List<Ratio>> byName =
        Ratio.ALL.stream().collect(Collectors.groupingBy(Ratio::name));

    assertThat(byName).hasSameSizeAs(Ratio.ALL);
    assertThat(Ratio.ALL).noneMatch(ratio -> ratio.meaning().isBlank());
  }

  private double figure(String name) {
    return Ratio.ALL.stream()
        .filter(ratio -> ratio.name().equals(name))
        .findFirst()
        .orElseThrow()
        .of()
        .applyAsDouble(results);
  }

  private void add(Entry entry, double... rates) {
    for (double rate : rates) {
      results.add(entry, new Sample(rate, 1, 1, 1, 1, 1, 1, 0));
    }
  }
}
