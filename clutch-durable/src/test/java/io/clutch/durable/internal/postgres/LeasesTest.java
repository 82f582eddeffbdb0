package io.clutch.durable.internal.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Ticker;
import io.clutch.durable.internal.store.Owner;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class LeasesTest {

  private long nanos = -5;

  private final Leases leases =
      new Leases(
          Duration.ofSeconds(30),
          new Ticker() {
            @Override
            public long read() {
              return nanos;
            }
          });

  private void pass(long millis) {
    nanos += millis * 1_000_000;
  }

  private boolean isDead(long beats) {
    return leases.isDead(new Owner(1, "there", "", 0, 1, 1, beats));
  }

  @Test
  void beatsAtOnceAndThenEverySixthOfTheLease() {
    assertThat(leases.isTimeToBeat()).isTrue();
    leases.hasBeaten();
    pass(4_999);
    assertThat(leases.isTimeToBeat()).isFalse();
    pass(1);
    assertThat(leases.isTimeToBeat()).isTrue();
  }

  @Test
  void whoDoesNotBeatForMoreThanHalfTheLeaseIsDead() {
    for (int second = 0; second <= 18; second++) {
      assertThat(isDead(7)).isFalse();
      pass(1_000);
    }
    assertThat(isDead(7)).isTrue();
    assertThat(isDead(8)).isFalse();
  }

  @Test
  void whoBeatsLives() {
    for (int second = 0; second < 100; second++) {
      assertThat(isDead(second / 5)).isFalse();
      pass(1_000);
    }
  }

  @Test
  void whoCouldNotLookDoesNotKnow() {
    assertThat(isDead(7)).isFalse();
    pass(60_000);
    assertThat(isDead(7)).isFalse();
    for (int second = 0; second < 18; second++) {
      pass(1_000);
      assertThat(isDead(7)).isFalse();
    }
    pass(1_000);
    assertThat(isDead(7)).isTrue();
  }
}
