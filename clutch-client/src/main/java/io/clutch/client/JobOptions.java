package io.clutch.client;

import static com.google.common.base.Preconditions.checkArgument;

import io.clutch.protocol.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a durable background call, a job, is kept and run. Immutable; begin with {@link #DEFAULT},
 * the methods give a changed copy.
 *
 * <pre>{@code
 * JobOptions tonight =
 *     JobOptions.DEFAULT.withUniqueKey("invoice-4711").withDelay(Duration.ofHours(3));
 * }</pre>
 */
public final class JobOptions {

  /** At once, up to five attempts, and its result is not kept. */
  public static final JobOptions DEFAULT =
      new JobOptions(io.clutch.v1.JobOptions.getDefaultInstance())
          .withPriority(JobPriority.NORMAL)
          .withMaxAttempts(5)
          .withBackoff(JobBackoff.DEFAULT);

  private static final int LONGEST_NAME = 200;

  /** As it travels, with all that has a default. */
  private final io.clutch.v1.JobOptions message;

  private JobOptions(io.clutch.v1.JobOptions message) {
    this.message = message;
  }

  /**
   * An id of one's own. A second call with the same id is accepted, but is no second job; so a
   * caller that does not know whether a call was accepted makes it again with the same id. Default:
   * the client makes one for each call.
   *
   * @param jobId 1 to 200 characters
   */
  public JobOptions withJobId(String jobId) {
    checkName("jobId", jobId);
    return new JobOptions(message.toBuilder().setJobId(jobId).build());
  }

  /**
   * As long as a job of this key has not ended, there is no second one: a further call gets the id
   * of the first. Default: none.
   *
   * @param uniqueKey 1 to 200 characters
   */
  public JobOptions withUniqueKey(String uniqueKey) {
    checkName("uniqueKey", uniqueKey);
    return new JobOptions(message.toBuilder().setUniqueKey(uniqueKey).build());
  }

  /**
   * It starts so long after it was accepted, at the earliest; in place of {@link #withStartAt}.
   * Default: at once.
   *
   * @param delay 0 or more, at most 100 years
   */
  public JobOptions withDelay(Duration delay) {
    checkArgument(
        !delay.isNegative() && delay.compareTo(Durations.LONGEST) <= 0,
        "delay is %s: want 0 or more, at most 100 years",
        delay);
    return new JobOptions(message.toBuilder().setDelay(Durations.toProto(delay)).build());
  }

  /**
   * It starts then, at the earliest; in place of {@link #withDelay}. Default: at once.
   *
   * @param at by the clock of the store; one that has passed is at once; from year 1 to year 9999
   */
  public JobOptions withStartAt(Instant at) {
    checkArgument(
        at.compareTo(JobMessages.EARLIEST) >= 0 && at.compareTo(JobMessages.LATEST) <= 0,
        "at is %s: want a time from year 1 to year 9999",
        at);
    return new JobOptions(message.toBuilder().setAt(JobMessages.timestamp(at)).build());
  }

  /** Which jobs come first where several wait for a place. Default: {@link JobPriority#NORMAL}. */
  public JobOptions withPriority(JobPriority priority) {
    return new JobOptions(message.toBuilder().setPriority(JobMessages.toProto(priority)).build());
  }

  /**
   * How often it may be started. Default: 5.
   *
   * @param maxAttempts 1 or more
   */
  public JobOptions withMaxAttempts(int maxAttempts) {
    checkArgument(maxAttempts >= 1, "maxAttempts is %s: want 1 or more", maxAttempts);
    return new JobOptions(message.toBuilder().setMaxAttempts(maxAttempts).build());
  }

  /** The pauses between its attempts. Default: {@link JobBackoff#DEFAULT}. */
  public JobOptions withBackoff(JobBackoff backoff) {
    return new JobOptions(message.toBuilder().setBackoff(JobMessages.toProto(backoff)).build());
  }

  /**
   * Where it has not started for the first time so long after it was accepted, it ends as {@link
   * JobState#EXPIRED}. Default: never.
   *
   * @param expiresAfter more than 0, at most 100 years
   */
  public JobOptions withExpiresAfter(Duration expiresAfter) {
    checkMoreThanZero("expiresAfter", expiresAfter);
    return new JobOptions(
        message.toBuilder().setExpiresAfter(Durations.toProto(expiresAfter)).build());
  }

  /**
   * How long its result is kept after its end, for {@link ClutchClient#jobResult(String, Class)}.
   * Default: not at all.
   *
   * @param keepResult more than 0, at most 100 years
   */
  public JobOptions withKeepResult(Duration keepResult) {
    checkMoreThanZero("keepResult", keepResult);
    return new JobOptions(message.toBuilder().setKeepResult(Durations.toProto(keepResult)).build());
  }

  /** The caller's own id; empty where the client makes one. */
  public Optional<String> jobId() {
    return JobMessages.nonEmpty(message.getJobId());
  }

  /** The key of which there is one job at a time. */
  public Optional<String> uniqueKey() {
    return JobMessages.nonEmpty(message.getUniqueKey());
  }

  /** How long after it was accepted it starts, at the earliest. */
  public Optional<Duration> delay() {
    return message.hasDelay()
        ? Optional.of(Durations.fromProto(message.getDelay()))
        : Optional.empty();
  }

  /** When it starts, at the earliest. */
  public Optional<Instant> startAt() {
    return message.hasAt() ? Optional.of(JobMessages.instant(message.getAt())) : Optional.empty();
  }

  /** Which jobs come first. */
  public JobPriority priority() {
    return JobMessages.priority(message.getPriority());
  }

  /** How often it may be started. */
  public int maxAttempts() {
    return message.getMaxAttempts();
  }

  /** The pauses between its attempts. */
  public JobBackoff backoff() {
    return JobMessages.backoff(message.getBackoff());
  }

  /** After how long it expires; empty is never. */
  public Optional<Duration> expiresAfter() {
    return message.hasExpiresAfter()
        ? Optional.of(Durations.fromProto(message.getExpiresAfter()))
        : Optional.empty();
  }

  /** How long its result is kept; empty is not at all. */
  public Optional<Duration> keepResult() {
    return message.hasKeepResult()
        ? Optional.of(Durations.fromProto(message.getKeepResult()))
        : Optional.empty();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof JobOptions that && message.equals(that.message);
  }

  @Override
  public int hashCode() {
    return message.hashCode();
  }

  @Override
  public String toString() {
    return "JobOptions[" + message.toString().strip().replaceAll("\\s+", " ") + "]";
  }

  /** As they travel. */
  io.clutch.v1.JobOptions toProto() {
    return message;
  }

  /** Checks an id, or another name of a job. */
  static void checkName(String option, String name) {
    checkArgument(!name.isEmpty(), "%s is empty: want 1 to %s characters", option, LONGEST_NAME);
    checkArgument(
        name.length() <= LONGEST_NAME,
        "%s is '%s…', which has %s characters: want 1 to %s",
        option,
        name.substring(0, Math.min(name.length(), 20)),
        name.length(),
        LONGEST_NAME);
  }

  private static void checkMoreThanZero(String option, Duration duration) {
    checkArgument(
        duration.compareTo(Duration.ZERO) > 0 && duration.compareTo(Durations.LONGEST) <= 0,
        "%s is %s: want more than 0, at most 100 years",
        option,
        duration);
  }
}
