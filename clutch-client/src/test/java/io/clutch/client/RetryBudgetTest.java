package io.clutch.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Ticker;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class RetryBudgetTest {

  /** What is saved in 10 s. */
  private static final int FULL = 1000;

  private long now = Long.MAX_VALUE - 1_000;
  private final RetryBudget budget =
      new RetryBudget(
          new Ticker() {
            @Override
            public long read() {
              return now;
            }
          });

  @Test
  void itStartsFull() {
    assertThat(repetitions()).isEqualTo(FULL);
    assertThat(budget.repetition()).isFalse();
  }

  @Test
  void fiveCallsAllowOneRepetition() {
    empty();

    calls(4);
    assertThat(repetitions()).isZero();
    calls(1);
    assertThat(repetitions()).isEqualTo(1);
    calls(500);
    assertThat(repetitions()).isBetween(99, 100);
  }

  @Test
  void aSecondAllowsAHundredRepetitions() {
    empty();

    now += Duration.ofSeconds(1).toNanos();
    assertThat(repetitions()).isEqualTo(100);
    now += Duration.ofMillis(5).toNanos();
    assertThat(repetitions()).isZero();
  }

  @Test
  void noMoreIsSavedThanItStartsWith() {
    now += Duration.ofHours(1).toNanos();
    calls(100_000);
    assertThat(repetitions()).isEqualTo(FULL);

    now += Duration.ofHours(1).toNanos();
    assertThat(repetitions()).isEqualTo(FULL);
  }

  private void empty() {
    assertThat(repetitions()).isEqualTo(FULL);
  }

  private void calls(int count) {
    for (int i = 0; i < count; i++) {
      budget.call();
    }
  }

  private int repetitions() {
    int count = 0;
    while (budget.repetition()) {
      count++;
    }
    return count;
  }
}
