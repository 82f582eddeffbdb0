package io.clutch.durable.internal.postgres;

import io.clutch.durable.internal.record.JobRecord;
import io.clutch.durable.internal.record.JobStory;
import io.clutch.durable.internal.store.Retried;
import io.clutch.durable.internal.store.RowState;
import io.clutch.durable.internal.store.Rows;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What people and time do to jobs, whoever has them. */
final class KnownJobs {

  private static final String FIND =
      "SELECT state, story, record FROM clutch_job WHERE job_id = ? FOR UPDATE";

  private static final String CANCEL =
      "UPDATE clutch_job SET state = 6, unique_key = NULL, due_at = ?, delay = NULL, story = ?"
          + " WHERE job_id = ?";

  private static final String ASK_TO_STOP =
      "UPDATE clutch_job SET stop_asked = TRUE WHERE job_id = ?";

  private static final String RETRY =
      "UPDATE clutch_job SET state = 0, due_at = NULL, delay = NULL, attempts = 0,"
          + " stop_asked = FALSE, expires_at = NULL, story = ?, record = coalesce(?, record), unique_key = ?"
          + " WHERE job_id = ?";

  private static final String HOLDER =
      "SELECT job_id FROM clutch_job WHERE unique_key = ? AND job_id <> ?";

  private static final String HAS_EXPIRED =
      "SELECT 1 FROM clutch_job WHERE state < 2 AND expires_at < ? LIMIT 1";

  /** A message that follows another one is merged with it. */
  private static final String EXPIRE =
      "UPDATE clutch_job SET state = 7, unique_key = NULL, due_at = ?, delay = NULL,"
          + " stop_asked = FALSE, story = coalesce(story, ''::bytea) || ? WHERE ";

  private static final String EXPIRE_SOME =
      EXPIRE
          + "ctid = ANY (ARRAY (SELECT ctid FROM clutch_job WHERE state < 2 AND expires_at < ?"
          + " ORDER BY expires_at LIMIT ? FOR UPDATE SKIP LOCKED))";

  private static final String EXPIRE_HOLDERS =
      EXPIRE + "unique_key = ANY (?::text[]) AND state < 2 AND expires_at < ?";

  private static final String PROMOTE =
      "UPDATE clutch_job SET state = 0, due_at = NULL, delay = NULL"
          + " WHERE ctid = ANY (ARRAY (SELECT ctid FROM clutch_job"
          + " WHERE state = 1 AND due_at <= ? ORDER BY due_at LIMIT ? FOR UPDATE SKIP LOCKED))";

  private static final String NEXT_DUE =
      "SELECT due_at FROM clutch_job WHERE state = 1 ORDER BY due_at LIMIT 1";

  private static final String SHORTEN =
      "UPDATE clutch_job SET due_at = ? + delay"
          + " WHERE ctid = ANY (ARRAY (SELECT ctid FROM clutch_job"
          + " WHERE state = 1 AND delay IS NOT NULL AND due_at - delay > ?"
          + " ORDER BY due_at - delay LIMIT ? FOR UPDATE SKIP LOCKED))";

  /** To be forgotten, of a state. */
  static final String FORGETTABLE =
      "SELECT ctid FROM clutch_job WHERE %s AND due_at < ?"
          + " ORDER BY due_at LIMIT ? FOR UPDATE SKIP LOCKED";

  static final String HAS_FORGETTABLE =
      Arrays.stream(RowState.values())
          .filter(RowState::isEnded)
          .map(KnownJobs::firstForgettable)
          .collect(Collectors.joining(", ", "SELECT least(", ") < ?"));

  /** How many rows one transaction changes, so that it holds up nobody. */
  static final int AT_ONCE = 2_000;

  /** How far the clocks of machines may be from each other without anything being made of it. */
  private static final long SKEW_MILLIS = 5_000;

  private KnownJobs() {}

  static boolean cancel(Connection connection, String jobId, long nowMillis, long forgetAtMillis)
      throws SQLException {
    RowState state;
    JobStory story;
    try (PreparedStatement find = connection.prepareStatement(FIND)) {
      find.setString(1, jobId);
      try (ResultSet row = find.executeQuery()) {
        if (!row.next()) {
          return false;
        }
        state = RowState.of(row.getInt("state"));
        story = Rows.story(row.getBytes("story"));
      }
    }
    switch (state) {
      case PENDING, SCHEDULED -> {
        try (PreparedStatement cancel = connection.prepareStatement(CANCEL)) {
          cancel.setLong(1, forgetAtMillis);
          cancel.setBytes(2, story.toBuilder().setEndedMillis(nowMillis).build().toByteArray());
          cancel.setString(3, jobId);
          int unused = cancel.executeUpdate();
        }
      }
      case TAKEN, STARTED -> {
        try (PreparedStatement ask = connection.prepareStatement(ASK_TO_STOP)) {
          ask.setString(1, jobId);
          int unused = ask.executeUpdate();
        }
      }
      default -> {
        // It has ended.
      }
    }
    return true;
  }

  static Optional<Retried> retry(Connection connection, String jobId, long nowMillis)
      throws SQLException {
    RowState state;
    JobStory story;
    JobRecord record;
    try (PreparedStatement find = connection.prepareStatement(FIND)) {
      find.setString(1, jobId);
      try (ResultSet row = find.executeQuery()) {
        if (!row.next()) {
          return Optional.empty();
        }
        state = RowState.of(row.getInt("state"));
        story = Rows.story(row.getBytes("story"));
        record = Rows.shown(row.getBytes("record"), "");
      }
    }
    switch (state) {
      case SCHEDULED, DEAD, CANCELLED, EXPIRED -> {
        String key = Rows.uniqueKey(record.getOptions());
        String holder = key == null ? null : holder(connection, key, jobId);
        if (holder != null && !expireHolders(connection, List.of(key), nowMillis)) {
          return Optional.of(new Retried(state, holder));
        }
        try (PreparedStatement update = connection.prepareStatement(RETRY)) {
          // All attempts again, but the story of those that were goes on.
          update.setBytes(1, story.toBuilder().clearEndedMillis().build().toByteArray());
          update.setBytes(2, Rows.retried(record));
          update.setString(3, key);
          update.setString(4, jobId);
          int unused = update.executeUpdate();
        }
      }
      default -> {
        // It waits, runs or is done.
      }
    }
    return Optional.of(new Retried(state, null));
  }

  /** Another job that has that key; null where there is none. */
  private static @Nullable String holder(Connection connection, String key, String jobId)
      throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(HOLDER)) {
      query.setString(1, key);
      query.setString(2, jobId);
      try (ResultSet row = query.executeQuery()) {
        return row.next() ? row.getString(1) : null;
      }
    }
  }

  static boolean hasExpired(Connection connection, long nowMillis) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(HAS_EXPIRED)) {
      query.setLong(1, nowMillis);
      try (ResultSet row = query.executeQuery()) {
        return row.next();
      }
    }
  }

  /** Ends some of those that did not start in time; says whether there may be more. */
  static boolean expire(Connection connection, long nowMillis) throws SQLException {
    try (PreparedStatement update = connection.prepareStatement(EXPIRE_SOME)) {
      setEnd(update, nowMillis);
      update.setLong(3, nowMillis);
      update.setInt(4, AT_ONCE);
      return update.executeUpdate() == AT_ONCE;
    }
  }

  /** Ends those that have one of these keys and should have ended; says whether there were any. */
  static boolean expireHolders(Connection connection, List<String> keys, long nowMillis)
      throws SQLException {
    if (keys.isEmpty()) {
      return false;
    }
    try (PreparedStatement update = connection.prepareStatement(EXPIRE_HOLDERS)) {
      setEnd(update, nowMillis);
      Columns.set(update, 3, "text", keys, key -> key);
      update.setLong(4, nowMillis);
      return update.executeUpdate() > 0;
    }
  }

  private static void setEnd(PreparedStatement update, long nowMillis) throws SQLException {
    update.setLong(1, nowMillis + Rows.SET_ASIDE.toMillis());
    update.setBytes(2, JobStory.newBuilder().setEndedMillis(nowMillis).build().toByteArray());
  }

  /** Some; says of how many. */
  static int promote(Connection connection, long nowMillis) throws SQLException {
    try (PreparedStatement update = connection.prepareStatement(PROMOTE)) {
      update.setLong(1, nowMillis);
      update.setInt(2, AT_ONCE);
      return update.executeUpdate();
    }
  }

  /** When the first of those that are scheduled is due, in ms since 1970. */
  static long nextDue(Connection connection) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(NEXT_DUE);
        ResultSet row = query.executeQuery()) {
      return row.next() ? row.getLong(1) : Long.MAX_VALUE;
    }
  }

  /** Of some; says of how many. */
  static int shortenDelays(Connection connection, long nowMillis) throws SQLException {
    try (PreparedStatement update = connection.prepareStatement(SHORTEN)) {
      update.setLong(1, nowMillis);
      update.setLong(2, nowMillis + SKEW_MILLIS);
      update.setInt(3, AT_ONCE);
      return update.executeUpdate();
    }
  }

  static boolean hasForgettable(Connection connection, long nowMillis) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(HAS_FORGETTABLE)) {
      query.setLong(1, nowMillis);
      try (ResultSet row = query.executeQuery()) {
        return row.next() && row.getBoolean(1);
      }
    }
  }

  private static String firstForgettable(RowState state) {
    return "(SELECT min(due_at) FROM clutch_job WHERE " + in(state) + ")";
  }

  /** Some; says whether there may be more. */
  static boolean purge(Connection connection, long nowMillis) throws SQLException {
    int left = AT_ONCE;
    for (RowState state : RowState.values()) {
      if (state.isEnded() && left > 0) {
        try (PreparedStatement delete = connection.prepareStatement(forget(state))) {
          delete.setLong(1, nowMillis);
          delete.setInt(2, left);
          left -= delete.executeUpdate();
        }
      }
    }
    return left == 0;
  }

  private static String forget(RowState state) {
    return "DELETE FROM clutch_job WHERE ctid = ANY (ARRAY ("
        + FORGETTABLE.formatted(in(state))
        + "))";
  }

  /** Those that have ended so, in words by which their index is found. */
  static String in(RowState state) {
    return state == RowState.DONE ? "state = 4" : "state >= 5 AND state = " + state.number();
  }
}
