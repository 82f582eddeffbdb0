package io.clutch.benchmarks.fairshare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class IdealQueueTest {

  @Test
  void oneProcessRunsOneAfterTheOther() {
    List<Arrival> arrivals = List.of(at(0, 5), at(2, 5), at(4, 5), at(30, 5));

    // They end at 5, 10, 15 and 35.
    assertThat(millis(arrivals, 1)).containsExactly(5, 8, 11, 5);
  }

  @Test
  void whoeverIsFreeFirstTakesTheNextOne() {
    List<Arrival> arrivals = List.of(at(0, 200), at(1, 5), at(2, 5), at(3, 5));

    // The second process does the short ones: they end at 6, 11 and 16.
    assertThat(millis(arrivals, 2)).containsExactly(200, 5, 9, 13);
  }

  @Test
  void aShortCallWaitsWhereAllProcessesHaveLongOnes() {
    List<Arrival> arrivals = List.of(at(0, 200), at(10, 200), at(20, 5), at(21, 5));

    // The first process is free at 200: the short ones end there at 205 and 210, the latter just as
    // the other process becomes free, too.
    assertThat(millis(arrivals, 2)).containsExactly(200, 200, 185, 184 + 5);
  }

  @Test
  void nobodyWaitsWhereThereAreEnoughProcesses() {
    List<Arrival> arrivals = IntStream.range(0, 10).mapToObj(i -> at(i, 5)).toList();

    assertThat(millis(arrivals, 5)).containsOnly(5);
  }

  /** M/D/1: with load r and service s, the mean wait is r s / (2 (1 - r)). */
  @Test
  void theMeanWaitOfOneProcessIsThatOfPollaczekAndKhinchine() {
    double load = 0.5;
    List<Arrival> arrivals =
        Arrivals.of(1, load / 0.005, Duration.ofHours(2), 1).stream()
            .map(arrival -> new Arrival(arrival.dueNanos(), 5, 0))
            .toList();

    double meanMillis =
        Arrays.stream(IdealQueue.nanos(arrivals, 1)).average().orElseThrow() / 1e6 - 5;

    assertThat(meanMillis).isCloseTo(load * 5 / (2 * (1 - load)), within(0.1));
  }

  @Test
  void thereMustBeAProcess() {
    assertThatIllegalArgumentException().isThrownBy(() -> IdealQueue.nanos(List.of(), 0));
  }

  private static Arrival at(int dueMillis, int millis) {
    return new Arrival(dueMillis * 1_000_000L, millis, 0);
  }

  private static int[] millis(List<Arrival> arrivals, int processes) {
    return LongStream.of(IdealQueue.nanos(arrivals, processes))
        .mapToInt(nanos -> (int) (nanos / 1_000_000))
        .toArray();
  }
}
