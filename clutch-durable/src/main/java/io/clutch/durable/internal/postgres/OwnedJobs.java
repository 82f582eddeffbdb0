package io.clutch.durable.internal.postgres;

import io.clutch.durable.internal.store.Change;
import io.clutch.durable.internal.store.Rows;
import io.clutch.durable.internal.store.TakenJob;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** What becomes of the jobs of an owner. What is not, or no more, its own stays as it is. */
final class OwnedJobs {

  private static final String PROGRESS =
      "UPDATE clutch_job j SET story = c.story"
          + " FROM unnest(?::bigint[], ?::bytea[]) AS c (seq, story)"
          + " WHERE j.owner = ? AND j.seq = c.seq";

  /** Its attempt was none. */
  private static final String HAND_BACK =
      "UPDATE clutch_job SET state = 0, owner = NULL, started_at = NULL, attempts = attempts - 1"
          + " WHERE owner = ? AND seq = ANY (?::bigint[])";

  private static final String AGAIN =
      "UPDATE clutch_job j SET state = CASE WHEN c.due_at IS NULL THEN 0 ELSE 1 END, owner = NULL,"
          + " started_at = NULL, due_at = c.due_at, delay = c.delay, attempts = c.attempts,"
          + " story = c.story"
          + " FROM unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::int[], ?::bytea[])"
          + " AS c (seq, due_at, delay, attempts, story)"
          + " WHERE j.owner = ? AND j.seq = c.seq";

  private static final String END =
      "UPDATE clutch_job j SET state = c.state, owner = NULL, started_at = NULL, unique_key = NULL,"
          + " due_at = c.due_at, delay = NULL, attempts = c.attempts, stop_asked = FALSE,"
          + " story = c.story, record = coalesce(c.record, j.record)"
          + " FROM unnest(?::bigint[], ?::smallint[], ?::bigint[], ?::int[], ?::bytea[], ?::bytea[])"
          + " AS c (seq, state, due_at, attempts, story, record)"
          + " WHERE j.owner = ? AND j.seq = c.seq";

  private static final String ALL =
      "SELECT seq, job_id, attempts, started_at, record, story FROM clutch_job"
          + " WHERE owner = ? ORDER BY seq FOR UPDATE";

  private final Connection connection;
  private final long owner;

  OwnedJobs(Connection connection, long owner) {
    this.connection = connection;
    this.owner = owner;
  }

  /** Of one job, what ends its time with this owner counts. */
  void write(Collection<Change> changes) throws SQLException {
    progress(only(changes, Change.Progress.class));
    handBack(only(changes, Change.HandBack.class).stream().map(Change.HandBack::seq).toList());
    again(only(changes, Change.Again.class));
    end(only(changes, Change.End.class));
  }

  private static <C> List<C> only(Collection<Change> changes, Class<C> kind) {
    return changes.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  private void progress(List<Change.Progress> all) throws SQLException {
    for (var some : Columns.portions(all, change -> change.story().getSerializedSize())) {
      try (PreparedStatement update = connection.prepareStatement(PROGRESS)) {
        Columns.set(update, 1, "int8", some, Change.Progress::seq);
        Columns.set(update, 2, "bytea", some, change -> change.story().toByteArray());
        update.setLong(3, owner);
        int unused = update.executeUpdate();
      }
    }
  }

  void handBack(Collection<Long> seqs) throws SQLException {
    if (!seqs.isEmpty()) {
      try (PreparedStatement update = connection.prepareStatement(HAND_BACK)) {
        update.setLong(1, owner);
        Columns.set(update, 2, "int8", seqs, seq -> seq);
        int unused = update.executeUpdate();
      }
    }
  }

  private void again(List<Change.Again> all) throws SQLException {
    for (var some : Columns.portions(all, change -> change.story().getSerializedSize())) {
      try (PreparedStatement update = connection.prepareStatement(AGAIN)) {
        Columns.set(update, 1, "int8", some, Change.Again::seq);
        Columns.set(update, 2, "int8", some, change -> Times.due(change.start()));
        Columns.set(update, 3, "int8", some, change -> Times.delay(change.start()));
        Columns.set(update, 4, "int4", some, Change.Again::attempts);
        Columns.set(update, 5, "bytea", some, change -> change.story().toByteArray());
        update.setLong(6, owner);
        int unused = update.executeUpdate();
      }
    }
  }

  private void end(List<Change.End> all) throws SQLException {
    for (var some : Columns.portions(all, OwnedJobs::size)) {
      try (PreparedStatement update = connection.prepareStatement(END)) {
        Columns.set(update, 1, "int8", some, Change.End::seq);
        Columns.set(update, 2, "int2", some, change -> change.state().number());
        Columns.set(update, 3, "int8", some, Change.End::forgetAtMillis);
        Columns.set(update, 4, "int4", some, Change.End::attempts);
        Columns.set(update, 5, "bytea", some, change -> change.story().toByteArray());
        Columns.set(update, 6, "bytea", some, OwnedJobs::newRecord);
        update.setLong(7, owner);
        int unused = update.executeUpdate();
      }
    }
  }

  private static byte @Nullable [] newRecord(Change.End end) {
    return end.record() == null ? null : end.record().toByteArray();
  }

  private static int size(Change.End end) {
    return end.story().getSerializedSize()
        + (end.record() == null ? 0 : end.record().getSerializedSize());
  }

  /**
   * Settles all that it has.
   *
   * @return how many there were
   */
  int settle(BiFunction<TakenJob, @Nullable Long, Change> verdict) throws SQLException {
    List<Change> changes = new ArrayList<>();
    try (PreparedStatement query = connection.prepareStatement(ALL)) {
      query.setLong(1, owner);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          TakenJob job = taken(rows);
          changes.add(verdict.apply(job, rows.getLong("started_at")));
        }
      }
    }
    write(changes);
    return changes.size();
  }

  /** A job whose row says that it runs: that attempt is not one before. */
  static TakenJob taken(ResultSet row) throws SQLException {
    return new TakenJob(
        row.getLong("seq"),
        row.getString("job_id"),
        row.getInt("attempts") - 1,
        Rows.record(row.getBytes("record")),
        Rows.story(row.getBytes("story")));
  }
}
