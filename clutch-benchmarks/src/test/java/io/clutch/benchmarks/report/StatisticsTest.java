package io.clutch.benchmarks.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class StatisticsTest {

  @Test
  void theMedianIsInTheMiddle() {
    assertThat(Statistics.median(List.of(5.0, 1.0, 100.0))).isEqualTo(5);
    assertThat(Statistics.median(List.of(4.0, 1.0, 2.0, 100.0))).isEqualTo(3);
    assertThat(Statistics.median(List.of(7.0))).isEqualTo(7);
  }

  @Test
  void whatIsMissingDoesNotCount() {
    assertThat(Statistics.median(List.of(Double.NaN, 2.0, Double.NaN))).isEqualTo(2);
    assertThat(Statistics.median(List.of(Double.NaN))).isNaN();
    assertThat(Statistics.median(List.of())).isNaN();
  }

  @Test
  void aPercentileIsTheNearestRank() {
    long[] hundred = LongStream.rangeClosed(1, 100).toArray();

    assertThat(Statistics.percentile(hundred, 50)).isEqualTo(50);
    assertThat(Statistics.percentile(hundred, 99)).isEqualTo(99);
    assertThat(Statistics.percentile(hundred, 99.9)).isEqualTo(100);
    assertThat(Statistics.percentile(new long[] {3}, 1)).isEqualTo(3);
    assertThatIllegalArgumentException().isThrownBy(() -> Statistics.percentile(hundred, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> Statistics.percentile(new long[0], 50));
  }
}
