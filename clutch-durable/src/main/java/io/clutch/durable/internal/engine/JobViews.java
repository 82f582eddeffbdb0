package io.clutch.durable.internal.engine;

import io.clutch.durable.internal.record.JobRecord;
import io.clutch.durable.internal.record.JobStory;
import io.clutch.durable.internal.store.RowState;
import io.clutch.durable.internal.store.StoredJob;
import io.clutch.v1.Job;
import io.clutch.v1.JobOptions;
import io.clutch.v1.Payload;
import org.jspecify.annotations.Nullable;

/** Jobs as the world sees them. */
final class JobViews {

  private JobViews() {}

  /**
   * @param result null where it is not asked for, or not kept
   */
  static Job of(StoredJob stored, @Nullable Payload result, long nowMillis) {
    JobRecord record = stored.record();
    JobStory story = stored.story();
    JobOptions options = record.getOptions();
    Job.Builder job =
        Job.newBuilder()
            .setJobId(stored.jobId())
            .setFunction(record.getFunction())
            .setState(state(stored, nowMillis))
            .setPriority(
                options.getPriority() == JobOptions.Priority.PRIORITY_UNSPECIFIED
                    ? JobOptions.Priority.NORMAL
                    : options.getPriority())
            .setUniqueKey(options.getUniqueKey())
            .setAttempts(stored.attempts())
            .setMaxAttempts(Verdicts.maxAttempts(options))
            .setAcceptedAt(Times.toProto(record.getAcceptedMillis()))
            .addAllFailedAttempts(story.getFailedAttemptsList())
            .setHasResult(story.getHasResult())
            .setWorker(stored.worker().isEmpty() ? story.getWorker() : stored.worker())
            .setCallId(record.getCallId());
    if (stored.state() == RowState.SCHEDULED) {
      job.setDueAt(Times.toProto(stored.dueMillis()));
    }
    long started = stored.startedMillis() == 0 ? story.getStartedMillis() : stored.startedMillis();
    if (started != 0) {
      job.setStartedAt(Times.toProto(started));
    }
    if (story.getEndedMillis() != 0) {
      job.setEndedAt(Times.toProto(story.getEndedMillis()));
    }
    if (story.hasProgress()) {
      job.setProgress(story.getProgress());
    }
    if (result != null) {
      job.setResult(result);
    }
    return job.build();
  }

  private static Job.State state(StoredJob stored, long nowMillis) {
    if (stored.state() == RowState.TAKEN) {
      return Job.State.PENDING;
    }
    boolean waits = stored.state() == RowState.PENDING || stored.state() == RowState.SCHEDULED;
    if (waits && Verdicts.isExpired(stored.record(), stored.attempts(), nowMillis)) {
      // Found so when it is taken, or within a second.
      return Job.State.EXPIRED;
    }
    return of(stored.state());
  }

  static Job.State of(RowState state) {
    return switch (state) {
      case PENDING -> Job.State.PENDING;
      case SCHEDULED -> Job.State.SCHEDULED;
      case TAKEN, STARTED -> Job.State.RUNNING;
      case DONE -> Job.State.DONE;
      case DEAD -> Job.State.DEAD;
      case CANCELLED -> Job.State.CANCELLED;
      case EXPIRED -> Job.State.EXPIRED;
    };
  }
}
