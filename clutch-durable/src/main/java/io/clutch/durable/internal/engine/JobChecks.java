package io.clutch.durable.internal.engine;

import com.google.common.base.CharMatcher;
import com.google.protobuf.Duration;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Durations;
import io.clutch.protocol.Reason;
import io.clutch.v1.JobOptions;

/** What is wrong with a job's options. */
final class JobChecks {

  private static final int LONGEST_ID = 200;

  private JobChecks() {}

  /**
   * Refuses what makes no sense.
   *
   * @throws ClutchException BAD_ARGUMENTS
   */
  static void check(JobOptions options) {
    checkName("job_id", options.getJobId());
    checkName("unique_key", options.getUniqueKey());
    check(options.getMaxAttempts() >= 0, "max_attempts is below 0");
    checkDuration("delay", options.getDelay());
    checkDuration("expires_after", options.getExpiresAfter());
    checkDuration("keep_result", options.getKeepResult());
    checkDuration("backoff.initial", options.getBackoff().getInitial());
    checkDuration("backoff.max", options.getBackoff().getMax());
    double multiplier = options.getBackoff().getMultiplier();
    check(
        multiplier == 0 || (multiplier >= 1 && multiplier < Double.POSITIVE_INFINITY),
        "backoff.multiplier is below 1");
  }

  private static void checkName(String field, String value) {
    check(value.length() <= LONGEST_ID, field + " is longer than 200 characters");
    check(CharMatcher.javaIsoControl().matchesNoneOf(value), field + " has control characters");
  }

  private static void checkDuration(String field, Duration duration) {
    check(!Durations.fromProto(duration).isNegative(), field + " is negative");
  }

  private static void check(boolean isFine, String message) {
    if (!isFine) {
      throw ClutchException.notStarted(Reason.BAD_ARGUMENTS, "the durable call's " + message);
    }
  }
}
