package io.clutch.client.internal.balance;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class PoolSizeTest {

  private static final Duration STEP = Duration.ofMillis(100);

  private long now = Long.MAX_VALUE - 10;
  private final PoolSize size = new PoolSize(now);

  @Test
  void itIsOneAtFirst() {
    assertThat(size.get()).isEqualTo(1);
  }

  @Test
  void aLargerNumberIsBelievedAtOnce() {
    assertThat(size.isNews(4, now)).isTrue();
    size.said(4, now);

    assertThat(size.get()).isEqualTo(4);
    assertThat(size.isNews(4, now)).isFalse();
  }

  @Test
  void aSmallerNumberIsBelievedAfterAWhile() {
    size.said(4, now);

    now += Duration.ofHours(1).toNanos();
    say(3, PoolSize.CERTAINTY, 4);
    assertThat(size.get()).isEqualTo(4);
    say(3, STEP, 4);

    assertThat(size.get()).isEqualTo(3);
  }

  @Test
  void aSmallerNumberThatCostsNoConnectionIsBelievedSoon() {
    size.said(4, now);

    say(3, PoolSize.LIKELIHOOD.plus(STEP), 3);

    assertThat(size.get()).isEqualTo(3);
  }

  @Test
  void asLongAsAnybodySaysTheLargerNumberItHolds() {
    size.said(4, now);
    for (int i = 0; i < 100; i++) {
      say(2, STEP, 2);
      assertThat(size.isNews(4, now)).isFalse();
    }

    assertThat(size.get()).isEqualTo(4);
  }

  @Test
  void whatWasSaidLongAgoDoesNotCount() {
    size.said(4, now);
    say(2, STEP, 4);
    size.isNews(4, now);
    now += Duration.ofHours(1).toNanos();

    size.settle(1);

    assertThat(size.get()).isEqualTo(4);
  }

  @Test
  void smallerNumbersAreNoNewsAllTheTime() {
    size.said(4, now);
    now += STEP.toNanos();
    assertThat(size.isNews(3, now)).isTrue();
    size.said(3, now);

    assertThat(size.isNews(3, now + 1_000)).isFalse();
    assertThat(size.isNews(5, now + 1_000)).isTrue();
    assertThat(size.isNews(3, now + STEP.toNanos())).isTrue();
  }

  private void say(int number, Duration duration, int used) {
    for (long left = duration.toNanos(); left > 0; left -= STEP.toNanos()) {
      now += STEP.toNanos();
      size.said(number, now);
      size.settle(used);
    }
  }
}
