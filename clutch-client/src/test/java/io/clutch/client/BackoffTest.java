package io.clutch.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class BackoffTest {

  private static final Random RANDOM = new Random(1);

  @Test
  void theFirstPauseIsShort() {
    assertThat(pauses(1, Duration.ZERO))
        .allSatisfy(pause -> assertThat(pause).isBetween(Duration.ZERO, Duration.ofMillis(10)));
  }

  @Test
  void theBoundDoublesWithEachAttempt() {
    assertThat(longest(pauses(2, Duration.ZERO)))
        .isBetween(Duration.ofMillis(15), Duration.ofMillis(20));
    assertThat(longest(pauses(5, Duration.ZERO)))
        .isBetween(Duration.ofMillis(120), Duration.ofMillis(160));
  }

  @Test
  void noPauseIsLongerThanASecond() {
    assertThat(longest(pauses(8, Duration.ZERO)))
        .isBetween(Duration.ofMillis(900), Duration.ofSeconds(1));
    assertThat(longest(pauses(1_000_000, Duration.ZERO)))
        .isBetween(Duration.ofMillis(900), Duration.ofSeconds(1));
  }

  @Test
  void whatTheWorkerAskedForComesOnTop() {
    assertThat(pauses(1, Duration.ofMillis(50)))
        .allSatisfy(
            pause -> assertThat(pause).isBetween(Duration.ofMillis(50), Duration.ofMillis(60)));
  }

  private static List<Duration> pauses(int attempt, Duration atLeast) {
    return IntStream.range(0, 1_000)
        .mapToObj(i -> Backoff.after(attempt, atLeast, RANDOM))
        .toList();
  }

  private static Duration longest(List<Duration> pauses) {
    return pauses.stream().max(Duration::compareTo).orElseThrow();
  }
}
