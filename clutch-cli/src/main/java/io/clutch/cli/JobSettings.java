package io.clutch.cli;

import com.google.common.base.Ascii;
import com.google.common.base.Enums;
import io.clutch.client.JobBackoff;
import io.clutch.client.JobOptions;
import io.clutch.client.JobPriority;
import io.clutch.protocol.Durations;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** How a durable call is to be kept and run, as people wrote it; null is not said. */
record JobSettings(
    @Nullable String jobId,
    @Nullable String uniqueKey,
    @Nullable String delay,
    @Nullable String at,
    @Nullable String priority,
    @Nullable Integer maxAttempts,
    @Nullable String backoff,
    @Nullable String expires,
    @Nullable String keepResult) {

  private interface Step<T> {
    JobOptions apply(JobOptions options, T value);
  }

  /** Whether something is said. */
  boolean isAny() {
    return Stream.of(
            jobId, uniqueKey, delay, at, priority, maxAttempts, backoff, expires, keepResult)
        .anyMatch(Objects::nonNull);
  }

  /**
   * The options.
   *
   * @throws IllegalArgumentException where something is not legal; the message says what
   */
  JobOptions options() {
    if (delay != null && at != null) {
      throw new IllegalArgumentException("delay and at: want one of them");
    }
    JobOptions options = JobOptions.DEFAULT;
    options = with(options, jobId, JobOptions::withJobId);
    options = with(options, uniqueKey, JobOptions::withUniqueKey);
    options = with(options, delay, (to, text) -> to.withDelay(duration("delay", text)));
    options = with(options, at, (to, text) -> to.withStartAt(instant(text)));
    options = with(options, priority, (to, text) -> to.withPriority(priority(text)));
    options = with(options, maxAttempts, JobOptions::withMaxAttempts);
    options =
        with(
            options,
            backoff,
            (to, text) -> to.withBackoff(JobBackoff.of(duration("backoff", text))));
    options = with(options, expires, (to, text) -> to.withExpiresAfter(duration("expires", text)));
    return with(options, keepResult, (to, text) -> to.withKeepResult(duration("keepResult", text)));
  }

  private static <T> JobOptions with(JobOptions options, @Nullable T value, Step<T> step) {
    return value == null ? options : step.apply(options, value);
  }

  private static Duration duration(String name, String text) {
    try {
      return Durations.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
  }

  private static Instant instant(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          "at: '%s' is not a time: want one such as 2026-12-01T03:00:00Z".formatted(text), e);
    }
  }

  private static JobPriority priority(String text) {
    return Enums.getIfPresent(JobPriority.class, Ascii.toUpperCase(text))
        .toJavaUtil()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "priority: '%s' is none: want %s"
                        .formatted(
                            text,
                            Arrays.stream(JobPriority.values())
                                .map(each -> Ascii.toLowerCase(each.name()))
                                .collect(Collectors.joining(", ")))));
  }
}
