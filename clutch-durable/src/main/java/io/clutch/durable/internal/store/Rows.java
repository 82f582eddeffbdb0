package io.clutch.durable.internal.store;

import com.google.protobuf.InvalidProtocolBufferException;
import io.clutch.durable.internal.record.JobRecord;
import io.clutch.durable.internal.record.JobStory;
import io.clutch.v1.JobOptions;
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
      throw new SQLException("a job's record cannot be read", e);
    }
  }

  /** The story in a column. */
  public static JobStory story(byte @Nullable [] column) throws SQLException {
    try {
      return column == null ? JobStory.getDefaultInstance() : JobStory.parseFrom(column);
    } catch (InvalidProtocolBufferException e) {
      throw new SQLException("a job's story cannot be read", e);
    }
  }
}
