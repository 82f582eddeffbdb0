package io.clutch.client.internal.balance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.LongSummaryStatistics;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class PausesTest {

  private static final Random RANDOM = new Random(1);
  private static final Pauses PAUSES = new Pauses(Duration.ofMillis(50), Duration.ofSeconds(1));

  @Test
  void theFirstIsInTheUpperHalfOfTheFirstBound() {
    LongSummaryStatistics millis = millis(1);

    assertThat(millis.getMin()).isBetween(25L, 27L);
    assertThat(millis.getMax()).isBetween(48L, 50L);
  }

  @Test
  void theBoundDoublesEachTime() {
    assertThat(millis(2).getMax()).isBetween(97L, 100L);
    assertThat(millis(3).getMax()).isBetween(195L, 200L);
    assertThat(millis(3).getMin()).isBetween(100L, 105L);
  }

  @Test
  void noneIsLongerThanTheLargestBound() {
    assertThat(millis(6).getMax()).isBetween(980L, 1000L);
    assertThat(millis(Integer.MAX_VALUE).getMax()).isBetween(980L, 1000L);
    assertThat(millis(Integer.MAX_VALUE).getMin()).isBetween(500L, 520L);
  }

  private static LongSummaryStatistics millis(int count) {
    return LongStream.range(0, 1000)
        .map(i -> PAUSES.after(count, RANDOM).toMillis())
        .summaryStatistics();
  }
}
