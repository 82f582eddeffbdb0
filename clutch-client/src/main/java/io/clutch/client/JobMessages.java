package io.clutch.client;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.protobuf.Timestamp;
import io.clutch.protocol.Durations;
import io.clutch.v1.Backoff;
import io.clutch.v1.CountJobsResponse;
import io.clutch.v1.Job;
import io.clutch.v1.JobCount;
import java.time.Instant;
import java.util.Optional;

/** What is said of jobs on the wire, and what programs see of it. */
final class JobMessages {

  /** What a protobuf timestamp can say. */
  static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");

  static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999999999Z");

  private JobMessages() {}

  static JobStatus status(Job job) {
    return new JobStatus(
        job.getJobId(),
        job.getFunction(),
        state(job.getState()),
        priority(job.getPriority()),
        nonEmpty(job.getUniqueKey()),
        job.getAttempts(),
        job.getMaxAttempts(),
        instant(job.getAcceptedAt()),
        job.hasDueAt() ? Optional.of(instant(job.getDueAt())) : Optional.empty(),
        job.hasStartedAt() ? Optional.of(instant(job.getStartedAt())) : Optional.empty(),
        job.hasEndedAt() ? Optional.of(instant(job.getEndedAt())) : Optional.empty(),
        job.getFailedAttemptsList().stream()
            .map(JobMessages::attempt)
            .collect(ImmutableList.toImmutableList()),
        job.hasProgress() ? Optional.of(progress(job.getProgress())) : Optional.empty(),
        job.getWorker(),
        job.getCallId(),
        job.getHasResult());
  }

  private static JobAttempt attempt(io.clutch.v1.JobAttempt attempt) {
    return new JobAttempt(
        attempt.getNumber(),
        instant(attempt.getStartedAt()),
        instant(attempt.getEndedAt()),
        attempt.getWorker(),
        attempt.getReason(),
        attempt.getMessage());
  }

  private static Progress progress(io.clutch.v1.JobProgress progress) {
    return new Progress(progress.getDone(), progress.getTotal(), progress.getNote());
  }

  static JobCounts counts(CountJobsResponse response) {
    ImmutableMap.Builder<JobState, Long> byState = ImmutableMap.builder();
    for (JobCount count : response.getCountsList()) {
      byState.put(state(count.getState()), count.getCount());
    }
    return new JobCounts(
        byState.buildKeepingLast(),
        response.hasOldestPending()
            ? Optional.of(instant(response.getOldestPending()))
            : Optional.empty());
  }

  static JobState state(Job.State state) {
    return switch (state) {
      case SCHEDULED -> JobState.SCHEDULED;
      case PENDING -> JobState.PENDING;
      case RUNNING -> JobState.RUNNING;
      case DONE -> JobState.DONE;
      case DEAD -> JobState.DEAD;
      case CANCELLED -> JobState.CANCELLED;
      case EXPIRED -> JobState.EXPIRED;
      case STATE_UNSPECIFIED, UNRECOGNIZED -> JobState.UNKNOWN;
    };
  }

  static Job.State toProto(JobState state) {
    return switch (state) {
      case SCHEDULED -> Job.State.SCHEDULED;
      case PENDING -> Job.State.PENDING;
      case RUNNING -> Job.State.RUNNING;
      case DONE -> Job.State.DONE;
      case DEAD -> Job.State.DEAD;
      case CANCELLED -> Job.State.CANCELLED;
      case EXPIRED -> Job.State.EXPIRED;
      case UNKNOWN -> Job.State.STATE_UNSPECIFIED;
    };
  }

  static JobPriority priority(io.clutch.v1.JobOptions.Priority priority) {
    return switch (priority) {
      case HIGH -> JobPriority.HIGH;
      case LOW -> JobPriority.LOW;
      case NORMAL, PRIORITY_UNSPECIFIED, UNRECOGNIZED -> JobPriority.NORMAL;
    };
  }

  static io.clutch.v1.JobOptions.Priority toProto(JobPriority priority) {
    return switch (priority) {
      case HIGH -> io.clutch.v1.JobOptions.Priority.HIGH;
      case NORMAL -> io.clutch.v1.JobOptions.Priority.NORMAL;
      case LOW -> io.clutch.v1.JobOptions.Priority.LOW;
    };
  }

  static Backoff toProto(JobBackoff backoff) {
    return Backoff.newBuilder()
        .setInitial(Durations.toProto(backoff.initial()))
        .setMultiplier(backoff.multiplier())
        .setMax(Durations.toProto(backoff.max()))
        .build();
  }

  static JobBackoff backoff(Backoff backoff) {
    return new JobBackoff(
        Durations.fromProto(backoff.getInitial()),
        backoff.getMultiplier(),
        Durations.fromProto(backoff.getMax()));
  }

  static Timestamp timestamp(Instant time) {
    return Timestamp.newBuilder()
        .setSeconds(time.getEpochSecond())
        .setNanos(time.getNano())
        .build();
  }

  static Instant instant(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }

  static Optional<String> nonEmpty(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }
}
