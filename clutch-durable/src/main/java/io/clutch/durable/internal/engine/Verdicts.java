package io.clutch.durable.internal.engine;

import io.clutch.durable.internal.record.JobRecord;
import io.clutch.durable.internal.record.JobStory;
import io.clutch.durable.internal.store.Change;
import io.clutch.durable.internal.store.RowState;
import io.clutch.durable.internal.store.Rows;
import io.clutch.durable.internal.store.Start;
import io.clutch.durable.internal.store.TakenJob;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Durations;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.v1.Backoff;
import io.clutch.v1.JobAttempt;
import io.clutch.v1.JobOptions;
import io.clutch.v1.Payload;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What is to become of a job after an attempt: it is done, it is to run again after a pause, or it
 * is set aside. Thread-safe.
 */
final class Verdicts {

  static final int DEFAULT_ATTEMPTS = 5;

  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final double MULTIPLIER = 2;
  private static final Duration LONGEST_PAUSE = Duration.ofHours(1);

  /** How much of each pause is left to chance, so that what failed together does not meet again. */
  private static final double JITTER = 0.1;

  /** How long a job is kept that somebody may want to look at, or to have run again. */
  static final Duration SET_ASIDE = Rows.SET_ASIDE;

  /** How many failed attempts a job's story tells. */
  private static final int STORY_LENGTH = 20;

  /** How much of a failure's message it tells, in characters. */
  private static final int MESSAGE_LENGTH = 2_000;

  private final Duration retention;
  private final DoubleSupplier chance;

  /**
   * @param retention how long it is remembered that a job is done
   */
  Verdicts(Duration retention) {
    this(retention, () -> ThreadLocalRandom.current().nextDouble());
  }

  /**
   * @param chance from 0 to 1
   */
  Verdicts(Duration retention, DoubleSupplier chance) {
    this.retention = retention;
    this.chance = chance;
  }

  /** An attempt, as far as it has come. */
  record Attempt(TakenJob job, long startedMillis, String worker) {
    int number() {
      return job.attempts() + 1;
    }

    JobOptions options() {
      return job.record().getOptions();
    }
  }

  static int maxAttempts(JobOptions options) {
    return options.getMaxAttempts() == 0 ? DEFAULT_ATTEMPTS : options.getMaxAttempts();
  }

  /** The function has returned. */
  Change done(Attempt attempt, Payload result, long nowMillis) {
    JobOptions options = attempt.options();
    JobStory.Builder story = story(attempt).setEndedMillis(nowMillis);
    Duration kept = retention;
    if (options.hasKeepResult()) {
      Duration wanted = Durations.fromProto(options.getKeepResult());
      kept = wanted.compareTo(kept) > 0 ? wanted : kept;
      story.setHasResult(true);
    }
    return new Change.End(
        attempt.job().seq(),
        RowState.DONE,
        attempt.number(),
        later(nowMillis, kept),
        story.build(),
        options.hasKeepResult() ? result : null);
  }

  /**
   * It failed, or was not started.
   *
   * @param isUnwanted whether it was cancelled
   */
  Change failed(Attempt attempt, ClutchException failure, boolean isUnwanted, long nowMillis) {
    if (failure.started() == Started.NO && failure.isRepeatable()) {
      return isUnwanted
          ? ended(attempt, RowState.CANCELLED, attempt.job().attempts(), nowMillis)
          : new Change.HandBack(attempt.job().seq());
    }
    if (isUnwanted) {
      return ended(
          attempt,
          RowState.CANCELLED,
          attempt.number(),
          noted(attempt, failure.reason(), String.valueOf(failure.getMessage()), nowMillis),
          nowMillis);
    }
    return again(
        attempt,
        failure.reason(),
        String.valueOf(failure.getMessage()),
        // The worker had to stop: that is no fault of the job's.
        failure.reason() == Reason.UNAVAILABLE,
        nowMillis);
  }

  /** Its process has died while it ran. */
  Change died(Attempt attempt, String how, long nowMillis) {
    return again(attempt, Reason.UNAVAILABLE, "its process died: " + how, false, nowMillis);
  }

  /** It was taken, but its time was over. */
  Change expired(TakenJob job, long nowMillis) {
    return ended(new Attempt(job, 0, ""), RowState.EXPIRED, job.attempts(), nowMillis);
  }

  /** It was taken, but somebody does not want it any more. */
  Change cancelled(TakenJob job, long nowMillis) {
    return ended(new Attempt(job, 0, ""), RowState.CANCELLED, job.attempts(), nowMillis);
  }

  /** Whether its time is over before its first start. */
  static boolean isExpired(JobRecord record, int attempts, long nowMillis) {
    Long expiresAt = attempts == 0 ? Rows.expiresAt(record) : null;
    return expiresAt != null && nowMillis > expiresAt;
  }

  private Change again(
      Attempt attempt, Reason reason, String message, boolean isAtOnce, long nowMillis) {
    JobStory story = noted(attempt, reason, message, nowMillis);
    if (attempt.number() >= maxAttempts(attempt.options())) {
      return ended(attempt, RowState.DEAD, attempt.number(), story, nowMillis);
    }
    return new Change.Again(
        attempt.job().seq(),
        attempt.number(),
        isAtOnce
            ? Start.NOW
            : Start.after(nowMillis, pauseMillis(attempt.options(), attempt.number())),
        story);
  }

  private static Change ended(Attempt attempt, RowState state, int attempts, long nowMillis) {
    return ended(attempt, state, attempts, attempt.job().story(), nowMillis);
  }

  private static Change ended(
      Attempt attempt, RowState state, int attempts, JobStory story, long nowMillis) {
    return new Change.End(
        attempt.job().seq(),
        state,
        attempts,
        later(nowMillis, SET_ASIDE),
        story.toBuilder().setEndedMillis(nowMillis).build(),
        null);
  }

  private static JobStory.Builder story(Attempt attempt) {
    return attempt.job().story().toBuilder()
        .setStartedMillis(attempt.startedMillis())
        .setWorker(attempt.worker());
  }

  private static JobStory noted(Attempt attempt, Reason reason, String message, long nowMillis) {
    JobStory.Builder story = story(attempt);
    if (story.getFailedAttemptsCount() == STORY_LENGTH) {
      story.removeFailedAttempts(0);
    }
    return story
        .addFailedAttempts(
            JobAttempt.newBuilder()
                .setNumber(attempt.number())
                .setStartedAt(Times.toProto(attempt.startedMillis()))
                .setEndedAt(Times.toProto(nowMillis))
                .setWorker(attempt.worker())
                .setReason(reason.name())
                .setMessage(
                    message.length() > MESSAGE_LENGTH
                        ? message.substring(0, MESSAGE_LENGTH) + "…"
                        : message))
        .build();
  }

  /** The pause after so many attempts. */
  long pauseMillis(JobOptions options, int attempts) {
    Backoff backoff = options.getBackoff();
    double first = millis(backoff.hasInitial() ? backoff.getInitial() : null, FIRST_PAUSE);
    double longest = millis(backoff.hasMax() ? backoff.getMax() : null, LONGEST_PAUSE);
    double multiplier = backoff.getMultiplier() == 0 ? MULTIPLIER : backoff.getMultiplier();
    double pause = Math.min(longest, first * Math.pow(multiplier, attempts - 1.0));
    return Math.round(pause * (1 - JITTER + 2 * JITTER * chance.getAsDouble()));
  }

  private static double millis(com.google.protobuf.@Nullable Duration given, Duration otherwise) {
    Duration duration = given == null ? otherwise : Durations.fromProto(given);
    return Math.min(duration.toSeconds(), Durations.LONGEST.toSeconds()) * 1e3
        + duration.toMillisPart();
  }

  private static long later(long nowMillis, Duration by) {
    Duration bounded = by.compareTo(Durations.LONGEST) > 0 ? Durations.LONGEST : by;
    return Instant.ofEpochMilli(nowMillis).plus(bounded).toEpochMilli();
  }
}
