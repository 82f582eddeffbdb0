package io.clutch.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class JobOptionsTest {

  private static final JobOptions OPTIONS = JobOptions.DEFAULT;
  private static final Duration LONG = Duration.ofDays(36_501);
  private static final Instant NOON = Instant.parse("2026-12-01T12:00:00.5Z");

  @Test
  void theDefaultsAreThoseOfTheProtocol() {
    assertThat(OPTIONS.jobId()).isEmpty();
    assertThat(OPTIONS.uniqueKey()).isEmpty();
    assertThat(OPTIONS.delay()).isEmpty();
    assertThat(OPTIONS.startAt()).isEmpty();
    assertThat(OPTIONS.priority()).isEqualTo(JobPriority.NORMAL);
    assertThat(OPTIONS.maxAttempts()).isEqualTo(5);
    assertThat(OPTIONS.backoff())
        .isEqualTo(new JobBackoff(Duration.ofSeconds(1), 2, Duration.ofHours(1)));
    assertThat(OPTIONS.expiresAfter()).isEmpty();
    assertThat(OPTIONS.keepResult()).isEmpty();
  }

  @Test
  void changesGiveACopyWithEverythingElse() {
    JobBackoff backoff = new JobBackoff(Duration.ofMillis(20), 1.5, Duration.ofSeconds(3));
    JobOptions changed =
        OPTIONS
            .withJobId("a")
            .withUniqueKey("b")
            .withDelay(Duration.ofMillis(1500))
            .withPriority(JobPriority.LOW)
            .withMaxAttempts(1)
            .withBackoff(backoff)
            .withExpiresAfter(Duration.ofMinutes(1))
            .withKeepResult(Duration.ofHours(2));

    assertThat(changed.jobId()).contains("a");
    assertThat(changed.uniqueKey()).contains("b");
    assertThat(changed.delay()).contains(Duration.ofMillis(1500));
    assertThat(changed.priority()).isEqualTo(JobPriority.LOW);
    assertThat(changed.maxAttempts()).isEqualTo(1);
    assertThat(changed.backoff()).isEqualTo(backoff);
    assertThat(changed.expiresAfter()).contains(Duration.ofMinutes(1));
    assertThat(changed.keepResult()).contains(Duration.ofHours(2));
    assertThat(OPTIONS.jobId()).isEmpty();
    assertThat(changed).isNotEqualTo(OPTIONS).isEqualTo(changed.withMaxAttempts(1));
  }

  @Test
  void aDelayAndATimeTakeEachOthersPlace() {
    JobOptions at = OPTIONS.withDelay(Duration.ofSeconds(1)).withStartAt(NOON);

    assertThat(at.startAt()).contains(NOON);
    assertThat(at.delay()).isEmpty();
    assertThat(at.withDelay(Duration.ZERO).startAt()).isEmpty();
    assertThat(at.withDelay(Duration.ZERO).delay()).contains(Duration.ZERO);
  }

  @Test
  void aLongFirstPauseIsTheLongestToo() {
    assertThat(JobBackoff.of(Duration.ofHours(3)).max()).isEqualTo(Duration.ofHours(3));
    assertThat(JobBackoff.of(Duration.ofMillis(1)).max()).isEqualTo(Duration.ofHours(1));
  }

  static Stream<Arguments> wrong() {
    return Stream.of(
        wrong(() -> OPTIONS.withJobId(""), "jobId is empty: want 1 to 200 characters"),
        wrong(() -> OPTIONS.withJobId("x".repeat(201)), "jobId", "201", "want 1 to 200"),
        wrong(() -> OPTIONS.withUniqueKey("x".repeat(201)), "uniqueKey", "201", "want 1 to 200"),
        wrong(() -> OPTIONS.withDelay(Duration.ofMillis(-1)), "delay", "PT-0.001S", "0 or more"),
        wrong(() -> OPTIONS.withDelay(LONG), "delay", LONG.toString(), "100 years"),
        wrong(() -> OPTIONS.withStartAt(Instant.MAX), "at", Instant.MAX.toString(), "year 9999"),
        wrong(() -> OPTIONS.withMaxAttempts(0), "maxAttempts is 0: want 1 or more"),
        wrong(() -> OPTIONS.withExpiresAfter(Duration.ZERO), "expiresAfter", "PT0S", "more than 0"),
        wrong(() -> OPTIONS.withKeepResult(Duration.ZERO), "keepResult", "PT0S", "more than 0"),
        wrong(() -> JobBackoff.of(Duration.ofMillis(-1)), "initial", "PT-0.001S"),
        wrong(() -> new JobBackoff(Duration.ZERO, 0.9, Duration.ZERO), "multiplier", "0.9"),
        wrong(() -> new JobBackoff(Duration.ZERO, Double.NaN, Duration.ZERO), "multiplier", "NaN"),
        wrong(
            () -> new JobBackoff(Duration.ofHours(1), 2, Duration.ofMinutes(1)),
            "max is PT1M",
            "PT1H"),
        wrong(() -> JobFilter.ALL.withLimit(0), "limit is 0: want 1 or more"),
        wrong(() -> JobFilter.ALL.withFunction(""), "function is empty"),
        wrong(() -> JobFilter.ALL.withStates(JobState.UNKNOWN), "UNKNOWN"));
  }

  private static Arguments wrong(Supplier<?> setting, String... parts) {
    return Arguments.of(setting, parts);
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void whatIsNotLegalIsRefusedWithItsNameAndValue(Supplier<?> setting, String[] parts) {
    assertThatThrownBy(setting::get)
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .contains(parts);
  }

  @Test
  void aNameMayHave200Characters() {
    assertThat(OPTIONS.withJobId("x".repeat(200)).jobId().orElseThrow()).hasSize(200);
  }

  @Test
  void aRequestIsDurableOnlyWhereItSaysSoAndStaysThat() {
    Request<String> request = Request.of("name", 1, String.class);
    JobOptions mine = OPTIONS.withJobId("mine");

    assertThat(request.jobOptions()).isEmpty();
    assertThat(request.durable().jobOptions()).contains(OPTIONS);
    assertThat(
            request
                .durable(mine)
                .withTimeout(Duration.ofSeconds(1))
                .withHeader("a", "b")
                .withCallId("id")
                .idempotent()
                .onProgress(progress -> {})
                .withArgument("other")
                .jobOptions())
        .contains(mine);
  }
}
