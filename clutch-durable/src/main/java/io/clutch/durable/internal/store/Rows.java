package io.clutch.durable.internal.store;

import com.google.protobuf.InvalidProtocolBufferException;
import io.clutch.durable.internal.record.JobRecord;
import io.clutch.durable.internal.record.JobStory;
import io.clutch.protocol.Durations;
import io.clutch.protocol.Reason;
import io.clutch.v1.JobAttempt;
import io.clutch.v1.JobOptions;
import io.clutch.v1.Payload;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Between columns and what they stand for. */
public final class Rows {

  /** How long a job is kept that somebody may want to look at, or to have run again. */
  public static final Duration SET_ASIDE = Duration.ofDays(30);

  private Rows() {}

  /** The number of a priority, from 0, the highest. */
  public static int priority(JobOptions options) {
    return switch (options.getPriority()) {
      case HIGH -> 0;
      case LOW -> 2;
      default -> 1;
    };
  }

  /** The unique key; null where there is none. */
  public static @Nullable String uniqueKey(JobOptions options) {
    return options.getUniqueKey().isEmpty() ? null : options.getUniqueKey();
  }

  /** When it ends unless it has started by then, in ms since 1970; null where it never does. */
  public static @Nullable Long expiresAt(JobRecord record) {
    if (!record.getOptions().hasExpiresAfter()) {
      return null;
    }
    Duration after = Durations.fromProto(record.getOptions().getExpiresAfter());
    Duration bounded = after.compareTo(Durations.LONGEST) > 0 ? Durations.LONGEST : after;
    return record.getAcceptedMillis() + bounded.toMillis();
  }

  /**
   * The record of a job that somebody has run again: when it was accepted does not make it expire
   * any more. Null where it stays as it is.
   */
  public static byte @Nullable [] retried(JobRecord record) {
    if (!record.getOptions().hasExpiresAfter()) {
      return null;
    }
    JobRecord.Builder retried = record.toBuilder();
    retried.getOptionsBuilder().clearExpiresAfter();
    return retried.build().toByteArray();
  }

  /** The record in a column. */
  public static JobRecord record(byte[] column) throws SQLException {
    try {
      return JobRecord.parseFrom(column);
    } catch (InvalidProtocolBufferException e) {
      throw new UnreadableException("its record in the store cannot be read", e);
    }
  }

  /** The story in a column. */
  public static JobStory story(byte @Nullable [] column) throws SQLException {
    try {
      return column == null ? JobStory.getDefaultInstance() : JobStory.parseFrom(column);
    } catch (InvalidProtocolBufferException e) {
      throw new UnreadableException("its story in the store cannot be read", e);
    }
  }

  /** The argument or result in a column. */
  public static Payload payload(byte @Nullable [] column) throws SQLException {
    try {
      return column == null ? Payload.getDefaultInstance() : Payload.parseFrom(column);
    } catch (InvalidProtocolBufferException e) {
      throw new UnreadableException("its argument or result in the store cannot be read", e);
    }
  }

  /** The record; one that says only which function it calls where it cannot be read. */
  public static JobRecord shown(byte[] column, String function) throws SQLException {
    try {
      return record(column);
    } catch (UnreadableException e) {
      return JobRecord.newBuilder().setFunction(function).build();
    }
  }

  /** A row holds what no version of Clutch has written. */
  public static final class UnreadableException extends SQLException {

    private static final long serialVersionUID = 1L;

    UnreadableException(String message, Throwable cause) {
      super(message, cause);
    }

    /** What is to become of such a job: it cannot run, but must not keep others from it. */
    public Change.End end(long seq, int attempts, long nowMillis) {
      return new Change.End(
          seq,
          RowState.DEAD,
          attempts,
          nowMillis + SET_ASIDE.toMillis(),
          JobStory.newBuilder()
              .setEndedMillis(nowMillis)
              .addFailedAttempts(
                  JobAttempt.newBuilder()
                      .setReason(Reason.INTERNAL.name())
                      .setMessage(String.valueOf(getMessage())))
              .build(),
          null);
    }
  }
}
