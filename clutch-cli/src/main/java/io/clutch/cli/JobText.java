package io.clutch.cli;

import com.google.common.base.Ascii;
import com.google.common.base.Strings;
import com.google.common.collect.Iterables;
import io.clutch.client.JobAttempt;
import io.clutch.client.JobCounts;
import io.clutch.client.JobState;
import io.clutch.client.JobStatus;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Jobs as they stand on standard output. */
final class JobText {

  private static final int LONGEST_CELL = 60;

  /** With the date, for jobs live longer than processes do. */
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT)
          .withZone(ZoneId.systemDefault());

  private JobText() {}

  /** A table for people. */
  static String table(List<JobStatus> jobs) {
    int idWidth = width(jobs.stream().map(JobStatus::id).toList(), 2);
    int functionWidth = width(jobs.stream().map(JobStatus::function).toList(), 8);
    StringBuilder text = new StringBuilder();
    text.append(
        row(idWidth, functionWidth, "ID", "FUNCTION", "STATE", "ATTEMPTS", "ACCEPTED", "LAST"));
    for (JobStatus job : jobs) {
      text.append(
          row(
              idWidth,
              functionWidth,
              job.id(),
              job.function(),
              name(job.state()),
              attempts(job),
              time(job.acceptedAt()),
              Ascii.truncate(last(job), LONGEST_CELL, "…")));
    }
    return text.toString();
  }

  private static int width(List<String> column, int atLeast) {
    return column.stream().mapToInt(String::length).reduce(atLeast, Math::max);
  }

  private static String row(
      int idWidth,
      int functionWidth,
      String id,
      String function,
      String state,
      String attempts,
      String accepted,
      String last) {
    return "%s  %s  %-9s  %8s  %-19s  %s"
            .formatted(
                Strings.padEnd(plain(id), idWidth, ' '),
                Strings.padEnd(plain(function), functionWidth, ' '),
                state,
                attempts,
                accepted,
                plain(last))
            .stripTrailing()
        + System.lineSeparator();
  }

  /** The latest that there is to say of it. */
  private static String last(JobStatus job) {
    return job.progress()
        .map(ProgressBar::text)
        .or(() -> job.dueAt().map(due -> "starts " + time(due)))
        .or(
            () ->
                job.state() == JobState.DONE
                    ? Optional.empty()
                    : Optional.ofNullable(Iterables.getLast(job.failedAttempts(), null))
                        .map(attempt -> attempt.reason() + ": " + attempt.message()))
        .orElse("");
  }

  /** Everything, for people. */
  static String whole(JobStatus job) {
    StringBuilder text = new StringBuilder();
    line(text, "job", job.id());
    line(text, "function", job.function());
    line(text, "state", name(job.state()));
    line(text, "priority", name(job.priority()));
    job.uniqueKey().ifPresent(key -> line(text, "unique key", key));
    line(text, "call", job.callId());
    line(text, "accepted", time(job.acceptedAt()));
    job.dueAt().ifPresent(due -> line(text, "starts", time(due)));
    job.startedAt().ifPresent(started -> line(text, "started", time(started)));
    job.endedAt().ifPresent(ended -> line(text, "ended", time(ended)));
    line(text, "attempts", "%d of %d".formatted(job.attempts(), job.maxAttempts()));
    line(text, "worker", job.worker());
    job.progress().ifPresent(progress -> line(text, "progress", ProgressBar.text(progress)));
    line(text, "result", job.hasResult() ? "kept" : "");
    job.failedAttempts().forEach(attempt -> text.append(failed(attempt)));
    return text.toString();
  }

  private static String failed(JobAttempt attempt) {
    StringBuilder text = new StringBuilder();
    line(
        text,
        "attempt " + attempt.number(),
        "%s to %s%s"
            .formatted(
                time(attempt.startedAt()),
                time(attempt.endedAt()),
                attempt.worker().isEmpty() ? "" : " by " + attempt.worker()));
    line(text, "", attempt.reason() + ": " + attempt.message());
    return text.toString();
  }

  private static void line(StringBuilder text, String name, String value) {
    if (!value.isEmpty()) {
      text.append("%-11s %s%n".formatted(name, plain(value)));
    }
  }

  /** One line for people, each time that something has changed. */
  static String change(JobStatus job) {
    String last = last(job);
    return "%s %s, attempt %s%s"
        .formatted(
            time(Instant.now()),
            name(job.state()),
            attempts(job),
            last.isEmpty() ? "" : ": " + plain(last));
  }

  /** One line for people. */
  static String line(JobStatus job) {
    return plain(job.id()) + " " + name(job.state());
  }

  /** A line for each state, for people. */
  static String counts(JobCounts counts) {
    StringBuilder text = new StringBuilder();
    for (JobState state : JobState.values()) {
      if (state != JobState.UNKNOWN) {
        text.append("%-9s %8d%n".formatted(name(state), counts.in(state)));
      }
    }
    counts
        .oldestPending()
        .ifPresent(
            since -> text.append("the oldest pending waits since %s%n".formatted(time(since))));
    return text.toString();
  }

  static String name(Enum<?> value) {
    return Ascii.toLowerCase(value.name());
  }

  private static String attempts(JobStatus job) {
    return job.attempts() + "/" + job.maxAttempts();
  }

  private static String time(Instant time) {
    return CLOCK.format(time);
  }

  /** It comes from others: nothing in it may steer the terminal. */
  private static String plain(String text) {
    return text.replaceAll("\\p{Cntrl}+", " ");
  }
}
