package io.clutch.worker;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Started;
import io.clutch.v1.Payload;
import io.clutch.worker.jobs.JobOutcome;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The outcome of an attempt at a durable background call. */
final class JobAnswer implements Answer {

  private static final Logger log = LoggerFactory.getLogger(Worker.class);

  private final String function;
  private final JobAttempt attempt;
  private final JobOutcome outcome;

  JobAnswer(String function, JobAttempt attempt, JobOutcome outcome) {
    this.function = function;
    this.attempt = attempt;
    this.outcome = outcome;
  }

  @Override
  public void result(Payload result) {
    log.debug("job {} of '{}' done", attempt.jobId(), function);
    outcome.result(result);
  }

  @Override
  public void failure(ClutchException failure) {
    if (!isReturn(failure)) {
      log.warn(
          "job {} of '{}', attempt {}, failed: {}",
          attempt.jobId(),
          function,
          attempt.number(),
          failure.getMessage(),
          failure);
    }
    outcome.failure(failure);
  }

  /** Then it goes back to the store. */
  @Override
  public boolean isReturn(ClutchException failure) {
    return failure.started() == Started.NO && failure.isRepeatable();
  }

  @Override
  public void progress(long done, long total, String note) {
    outcome.progress(done, total, note);
  }
}
