package io.clutch.supervisor.internal.pool;

import static io.clutch.supervisor.internal.pool.TestSettings.pool;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.clutch.protocol.Durations;
import java.time.Duration;
import java.util.Map;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PoolSettingsTest {

  private static final Duration TOO_LONG = Durations.LONGEST.plusNanos(1);

  private static final Map<String, BiFunction<TestSettings, Duration, TestSettings>> MAY_BE_ZERO =
      Map.of(
          "spawn-interval", TestSettings::spawnInterval,
          "err-respawn-interval", TestSettings::errRespawnInterval,
          "graceful-timeout", TestSettings::gracefulTimeout,
          "kill-grace", TestSettings::killGrace,
          "max-lifetime-per-child", TestSettings::maxLifetime);

  private static final Map<String, BiFunction<TestSettings, Duration, TestSettings>> POSITIVE =
      Map.of(
          "boot-timeout", TestSettings::bootTimeout,
          "heartbeat-timeout", TestSettings::heartbeatTimeout);

  @ParameterizedTest
  @ValueSource(ints = {0, -3, 10_001, Integer.MIN_VALUE, Integer.MAX_VALUE})
  void aPoolHasFromOneToTenThousandWorkers(int workers) {
    assertRefused(pool(workers), "max-workers is %d: want from 1 to 10000".formatted(workers));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 10_000})
  void theLeastAndTheMostWorkersAreLegal(int workers) {
    assertThat(pool(workers).build().maxWorkers()).isEqualTo(workers);
    assertThat(PoolSettings.checkWorkers(workers)).isEqualTo(workers);
  }

  @Test
  void timesThatMayBeZeroAreRefusedWhereNegativeOrTooLong() {
    MAY_BE_ZERO.forEach(
        (option, set) -> {
          String legal = "want 0 or more, at most 100 years";
          Duration negative = Duration.ofNanos(-1);
          assertRefused(
              set.apply(pool(1), negative), "%s is %s: %s".formatted(option, negative, legal));
          assertRefused(
              set.apply(pool(1), TOO_LONG), "%s is %s: %s".formatted(option, TOO_LONG, legal));
        });
  }

  @Test
  void timesThatMayNotBeZeroAreRefusedWhereZeroOrTooLong() {
    POSITIVE.forEach(
        (option, set) -> {
          String legal = "want more than 0, at most 100 years";
          assertRefused(
              set.apply(pool(1), Duration.ZERO), "%s is PT0S: %s".formatted(option, legal));
          assertRefused(
              set.apply(pool(1), TOO_LONG), "%s is %s: %s".formatted(option, TOO_LONG, legal));
        });
  }

  @Test
  void theShortestAndTheLongestTimesAreLegal() {
    MAY_BE_ZERO
        .values()
        .forEach(
            set -> {
              assertThat(set.apply(pool(1), Duration.ZERO).build()).isNotNull();
              assertThat(set.apply(pool(1), Durations.LONGEST).build()).isNotNull();
            });
    POSITIVE
        .values()
        .forEach(
            set -> {
              assertThat(set.apply(pool(1), Duration.ofNanos(1)).build()).isNotNull();
              assertThat(set.apply(pool(1), Durations.LONGEST).build()).isNotNull();
            });
  }

  @Test
  void aNegativeNumberOfRequestsIsRefused() {
    assertRefused(
        pool(1).maxRequests(-1), "max-requests-per-child is -1: want 0 (no limit) or more");
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 100, 101})
  void jitterIsFewerThanTheRequests(long jitter) {
    assertRefused(
        pool(1).maxRequests(100).maxRequestsJitter(jitter),
        "max-requests-jitter is %d: want 0 or more, and less than max-requests-per-child (100)"
            .formatted(jitter));
  }

  @Test
  void jitterWithoutALimitIsRefused() {
    assertRefused(
        pool(1).maxRequestsJitter(1),
        "max-requests-jitter is 1: want 0 or more, and less than max-requests-per-child (0)");
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 99})
  void anyJitterBelowTheRequestsIsLegal(long jitter) {
    assertThat(pool(1).maxRequests(100).maxRequestsJitter(jitter).build().maxRequestsJitter())
        .isEqualTo(jitter);
  }

  @Test
  void negativeMemoryIsRefused() {
    assertRefused(pool(1).maxMemory(-1), "max-memory-per-child is -1: want 0 (no limit) or more");
  }

  private static void assertRefused(TestSettings settings, String message) {
    assertThatIllegalArgumentException().isThrownBy(settings::build).withMessage(message);
  }
}
