package io.clutch.benchmarks.fairshare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ArrivalsTest {

  private static final Duration TIME = Duration.ofHours(1);

  @Test
  void comeAtTheRateThatKeepsProcessesBusyForThatPartOfTheTime() {
    double rate = Arrivals.rate(4, 0.7);
    List<Arrival> arrivals = Arrivals.of(7, rate, TIME, 1);

    double busySeconds = arrivals.stream().mapToLong(Arrival::serviceNanos).sum() / 1e9;

    assertThat(rate).isCloseTo(189.8, within(0.1));
    assertThat(arrivals.size() / (double) TIME.toSeconds()).isCloseTo(rate, within(2.0));
    assertThat(busySeconds / TIME.toSeconds()).isCloseTo(4 * 0.7, within(0.05));
    assertThat(arrivals).isSortedAccordingTo((a, b) -> Long.compare(a.dueNanos(), b.dueNanos()));
  }

  @Test
  void areTheSameFromAnyNumberOfClients() {
    List<Arrival> fromOne = Arrivals.of(7, 100, Duration.ofSeconds(60), 1);
    List<Arrival> fromEight = Arrivals.of(7, 100, Duration.ofSeconds(60), 8);

    assertThat(fromOne).allMatch(arrival -> arrival.client() == 0);
    assertThat(fromEight).extracting(Arrival::client).contains(0, 1, 2, 3, 4, 5, 6, 7);
    assertThat(fromEight.stream().map(a -> new Arrival(a.dueNanos(), a.millis(), 0)).toList())
        .isEqualTo(fromOne);
  }

  @Test
  void onlyShortOnesMakeTheShares() {
    List<Arrival> arrivals =
        List.of(new Arrival(0, 5, 0), new Arrival(1, 200, 0), new Arrival(2, 5, 0));

    Shares shares = Shares.ofShortCalls(arrivals, new long[] {6_000, 900_000, 7_000});

    assertThat(shares).isEqualTo(new Shares(6, 7, 7));
  }
}
