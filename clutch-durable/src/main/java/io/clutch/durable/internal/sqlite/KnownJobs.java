package io.clutch.durable.internal.sqlite;

import com.google.common.primitives.Bytes;
import io.clutch.durable.internal.record.JobRecord;
import io.clutch.durable.internal.record.JobStory;
import io.clutch.durable.internal.store.Retried;
import io.clutch.durable.internal.store.RowState;
import io.clutch.durable.internal.store.Rows;
import io.clutch.durable.internal.store.Statements;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What people and time do to jobs, whoever has them. For one thread, inside its transactions. */
final class KnownJobs {

  private static final String CANCEL =
      "UPDATE clutch_job SET state = 6, unique_key = NULL, due_at = ?, delay = NULL"
          + " WHERE job_id = ? AND state IN (0, 1)";

  private static final String ASK_TO_STOP =
      "UPDATE clutch_job SET stop_asked = 1 WHERE job_id = ? AND owner IS NOT NULL";

  private static final String RETRY =
      "UPDATE clutch_job SET state = 0, due_at = NULL, delay = NULL, attempts = 0, stop_asked = 0, expires_at = NULL,"
          + " story = ?, record = coalesce(?, record), unique_key = ? WHERE job_id = ?";

  private static final String HOLDER =
      "SELECT job_id FROM clutch_job WHERE unique_key = ? AND job_id <> ?";

  private static final String EXPIRED_HOLDER =
      "SELECT seq, story FROM clutch_job WHERE unique_key = ? AND state < 2 AND expires_at < ?";

  private static final String EXPIRED =
      "SELECT seq, story FROM clutch_job WHERE state < 2 AND expires_at < ? LIMIT ?";

  private static final String EXPIRE =
      "UPDATE clutch_job SET state = 7, unique_key = NULL, due_at = ?, delay = NULL,"
          + " stop_asked = 0, story = ? WHERE seq = ?";

  private static final String PROMOTE =
      "UPDATE clutch_job SET state = 0, due_at = NULL, delay = NULL"
          + " WHERE seq IN (SELECT seq FROM clutch_job"
          + " WHERE state = 1 AND due_at <= ? ORDER BY due_at LIMIT ?)";

  static final String NEXT_DUE = "SELECT min(due_at) FROM clutch_job WHERE state = 1";

  private static final String SHORTEN =
      "UPDATE clutch_job SET due_at = ?1 + delay WHERE seq IN (SELECT seq FROM clutch_job"
          + " WHERE state = 1 AND delay IS NOT NULL AND due_at - delay > ?1 LIMIT ?2)";

  /** How many rows one transaction changes, so that it holds up nobody. */
  private static final int AT_ONCE = 2_000;

  /** How many rows one transaction forgets, so that it holds up nobody. */
  private static final int PURGED_AT_ONCE = 500;

  private final Statements statements;
  private final InstantSource clock;

  KnownJobs(Statements statements, InstantSource clock) {
    this.statements = statements;
    this.clock = clock;
  }

  boolean cancel(String jobId, long nowMillis, long forgetAtMillis) throws SQLException {
    PreparedStatement cancel = statements.of(CANCEL);
    cancel.setLong(1, forgetAtMillis);
    cancel.setString(2, jobId);
    if (cancel.executeUpdate() > 0) {
      noteEnd(jobId, nowMillis);
      return true;
    }
    PreparedStatement ask = statements.of(ASK_TO_STOP);
    ask.setString(1, jobId);
    if (ask.executeUpdate() > 0) {
      return true;
    }
    PreparedStatement query = statements.of("SELECT 1 FROM clutch_job WHERE job_id = ?");
    query.setString(1, jobId);
    return SqliteStore.exists(query);
  }

  private void noteEnd(String jobId, long nowMillis) throws SQLException {
    PreparedStatement query = statements.of("SELECT story FROM clutch_job WHERE job_id = ?");
    query.setString(1, jobId);
    JobStory story;
    try (ResultSet rows = query.executeQuery()) {
      story = rows.next() ? Rows.story(rows.getBytes(1)) : JobStory.getDefaultInstance();
    }
    PreparedStatement update = statements.of("UPDATE clutch_job SET story = ? WHERE job_id = ?");
    update.setBytes(1, story.toBuilder().setEndedMillis(nowMillis).build().toByteArray());
    update.setString(2, jobId);
    int unused = update.executeUpdate();
  }

  Optional<Retried> retry(String jobId) throws SQLException {
    PreparedStatement query =
        statements.of("SELECT state, story, record FROM clutch_job WHERE job_id = ?");
    query.setString(1, jobId);
    RowState state;
    JobStory story;
    JobRecord record;
    try (ResultSet rows = query.executeQuery()) {
      if (!rows.next()) {
        return Optional.empty();
      }
      state = RowState.of(rows.getInt(1));
      story = Rows.story(rows.getBytes(2));
      record = Rows.shown(rows.getBytes(3), "");
    }
    switch (state) {
      case SCHEDULED, DEAD, CANCELLED, EXPIRED -> {
        String key = Rows.uniqueKey(record.getOptions());
        String holder = key == null ? null : holder(key, jobId);
        if (holder != null && !expireHolder(key)) {
          return Optional.of(new Retried(state, holder));
        }
        PreparedStatement update = statements.of(RETRY);
        // All attempts again, but the story of those that were goes on.
        update.setBytes(1, story.toBuilder().clearEndedMillis().build().toByteArray());
        update.setBytes(2, Rows.retried(record));
        update.setString(3, key);
        update.setString(4, jobId);
        int unused = update.executeUpdate();
      }
      default -> {
        // It waits, runs or is done.
      }
    }
    return Optional.of(new Retried(state, null));
  }

  /** Another job that has that key; null where there is none. */
  @Nullable String holder(String key, String jobId) throws SQLException {
    PreparedStatement query = statements.of(HOLDER);
    query.setString(1, key);
    query.setString(2, jobId);
    try (ResultSet rows = query.executeQuery()) {
      return rows.next() ? rows.getString(1) : null;
    }
  }

  /** Ends the job that has that key where it should have ended; whether it did. */
  boolean expireHolder(@Nullable String key) throws SQLException {
    long now = clock.millis();
    PreparedStatement query = statements.of(EXPIRED_HOLDER);
    query.setString(1, key);
    query.setLong(2, now);
    return expire(query, now) > 0;
  }

  /** Ends some of those that did not start in time; whether there may be more. */
  boolean expire(long nowMillis) throws SQLException {
    PreparedStatement query = statements.of(EXPIRED);
    query.setLong(1, nowMillis);
    query.setInt(2, AT_ONCE);
    return expire(query, nowMillis) == AT_ONCE;
  }

  private int expire(PreparedStatement query, long nowMillis) throws SQLException {
    Map<Long, byte[]> stories = new HashMap<>();
    byte[] ended = JobStory.newBuilder().setEndedMillis(nowMillis).build().toByteArray();
    try (ResultSet rows = query.executeQuery()) {
      while (rows.next()) {
        byte[] story = rows.getBytes(2);
        // A message that follows another one is merged with it.
        stories.put(rows.getLong(1), story == null ? ended : Bytes.concat(story, ended));
      }
    }
    for (Map.Entry<Long, byte[]> one : stories.entrySet()) {
      PreparedStatement update = statements.of(EXPIRE);
      update.setLong(1, nowMillis + Rows.SET_ASIDE.toMillis());
      update.setBytes(2, one.getValue());
      update.setLong(3, one.getKey());
      int unused = update.executeUpdate();
    }
    return stories.size();
  }

  /** Some; says when the next one of those that are left is due. */
  long promote(long nowMillis) throws SQLException {
    PreparedStatement update = statements.of(PROMOTE);
    update.setLong(1, nowMillis);
    update.setInt(2, AT_ONCE);
    int unused = update.executeUpdate();
    return nextDue(statements);
  }

  /** When the first of those that are scheduled is due, in ms since 1970. */
  static long nextDue(Statements statements) throws SQLException {
    try (ResultSet rows = statements.of(NEXT_DUE).executeQuery()) {
      long due = rows.next() ? rows.getLong(1) : 0;
      return due == 0 ? Long.MAX_VALUE : due;
    }
  }

  /** Of some; says of how many. */
  int shortenDelays(long nowMillis) throws SQLException {
    PreparedStatement update = statements.of(SHORTEN);
    update.setLong(1, nowMillis);
    update.setInt(2, AT_ONCE);
    return update.executeUpdate();
  }

  /** Some; says whether there may be more. */
  boolean purge(long nowMillis) throws SQLException {
    int left = PURGED_AT_ONCE;
    for (RowState state : RowState.values()) {
      if (state.isEnded() && left > 0) {
        PreparedStatement delete = statements.of(forget(state));
        delete.setLong(1, nowMillis);
        delete.setInt(2, left);
        left -= delete.executeUpdate();
      }
    }
    return left == 0;
  }

  static String forget(RowState state) {
    return "DELETE FROM clutch_job WHERE seq IN (SELECT seq FROM clutch_job WHERE "
        + in(state)
        + " AND due_at < ? ORDER BY due_at LIMIT ?)";
  }

  /** Those that have ended so, in words by which their index is found. */
  static String in(RowState state) {
    return state == RowState.DONE ? "state = 4" : "state >= 5 AND state = " + state.number();
  }
}
