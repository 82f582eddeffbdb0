package io.clutch.durable.internal.postgres;

import io.clutch.durable.internal.record.JobStory;
import io.clutch.durable.internal.store.Change;
import io.clutch.durable.internal.store.RowState;
import io.clutch.durable.internal.store.Rows;
import io.clutch.durable.internal.store.Start;
import io.clutch.durable.internal.store.TakenJob;
import io.clutch.v1.Payload;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/** What becomes of the jobs of an owner. What is not, or no more, its own stays as it is. */
final class OwnedJobs {

  private static final String PROGRESS =
      "UPDATE clutch_job SET story = ? WHERE owner = ? AND seq = ?";

  /**
   * Its attempt was none. One that somebody wanted to be stopped ends instead; a message that
   * follows another one is merged with it.
   */
  private static final String HAND_BACK =
      "UPDATE clutch_job SET state = CASE WHEN stop_asked THEN 6 ELSE 0 END,"
          + " owner = NULL, started_at = NULL, attempts = attempts - 1,"
          + " unique_key = CASE WHEN stop_asked THEN NULL ELSE unique_key END,"
          + " due_at = CASE WHEN stop_asked THEN ?::bigint END,"
          + " story = CASE WHEN stop_asked THEN coalesce(story, ''::bytea) || ? ELSE story END,"
          + " stop_asked = FALSE"
          + " WHERE owner = ? AND seq = ANY (?::bigint[])";

  private static final String AGAIN =
      "UPDATE clutch_job SET state = CASE WHEN stop_asked THEN 6 ELSE ? END,"
          + " owner = NULL, started_at = NULL,"
          + " unique_key = CASE WHEN stop_asked THEN NULL ELSE unique_key END,"
          + " due_at = CASE WHEN stop_asked THEN ? ELSE ?::bigint END,"
          + " delay = CASE WHEN stop_asked THEN NULL ELSE ?::bigint END, attempts = ?,"
          + " story = ?::bytea || CASE WHEN stop_asked THEN ? ELSE ''::bytea END,"
          + " stop_asked = FALSE, expires_at = NULL WHERE owner = ? AND seq = ?";

  private static final String END =
      "UPDATE clutch_job SET state = ?, owner = NULL, started_at = NULL, unique_key = NULL,"
          + " due_at = ?, delay = NULL, attempts = ?, stop_asked = FALSE,"
          + " story = ?, result = ? WHERE owner = ? AND seq = ?";

  private static final String END_FOR_GOOD =
      END.replace(" result = ?", " result = ?, payload = NULL");

  private static final String ALL =
      "SELECT seq, job_id, attempts, started_at, record, story FROM clutch_job"
          + " WHERE owner = ? ORDER BY seq FOR UPDATE";

  private final Connection connection;
  private final long owner;
  private final long nowMillis;

  OwnedJobs(Connection connection, long owner, long nowMillis) {
    this.connection = connection;
    this.owner = owner;
    this.nowMillis = nowMillis;
  }

  private long forgetAtMillis() {
    return nowMillis + Rows.SET_ASIDE.toMillis();
  }

  /** What a story goes on with where its job ends now. */
  private byte[] ended() {
    return JobStory.newBuilder().setEndedMillis(nowMillis).build().toByteArray();
  }

  /** Of one job, what ends its time with this owner counts. */
  void write(Collection<Change> changes) throws SQLException {
    progress(only(changes, Change.Progress.class));
    handBack(only(changes, Change.HandBack.class).stream().map(Change.HandBack::seq).toList());
    again(only(changes, Change.Again.class));
    List<Change.End> ends = only(changes, Change.End.class);
    end(END_FOR_GOOD, ends.stream().filter(Change.End::dropsPayload).toList());
    end(END, ends.stream().filter(end -> !end.dropsPayload()).toList());
  }

  private static <C> List<C> only(Collection<Change> changes, Class<C> kind) {
    return changes.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** Sets what a change has; the owner and the job follow. */
  private interface Setting<C> {
    void set(PreparedStatement update, C change) throws SQLException;
  }

  /**
   * A statement each, of which many travel at a time: joined with a table of all of them, the rows
   * would be found in whatever way the planner takes for the best.
   */
  private <C extends Change> void each(
      String sql, int parameters, List<C> all, ToIntFunction<C> size, Setting<C> setting)
      throws SQLException {
    for (List<C> some : Columns.portions(all, size)) {
      try (PreparedStatement update = connection.prepareStatement(sql)) {
        for (C change : some) {
          setting.set(update, change);
          update.setLong(parameters + 1, owner);
          update.setLong(parameters + 2, change.seq());
          update.addBatch();
        }
        int[] unused = update.executeBatch();
      }
    }
  }

  private void progress(List<Change.Progress> all) throws SQLException {
    each(
        PROGRESS,
        1,
        all,
        change -> change.story().getSerializedSize(),
        (update, change) -> update.setBytes(1, change.story().toByteArray()));
  }

  void handBack(Collection<Long> seqs) throws SQLException {
    if (!seqs.isEmpty()) {
      try (PreparedStatement update = connection.prepareStatement(HAND_BACK)) {
        update.setLong(1, forgetAtMillis());
        update.setBytes(2, ended());
        update.setLong(3, owner);
        Columns.set(update, 4, "int8", seqs, seq -> seq);
        int unused = update.executeUpdate();
      }
    }
  }

  private void again(List<Change.Again> all) throws SQLException {
    each(
        AGAIN,
        7,
        all,
        change -> change.story().getSerializedSize(),
        (update, change) -> {
          Start start = change.start();
          update.setInt(1, (start.isNow() ? RowState.PENDING : RowState.SCHEDULED).number());
          update.setLong(2, forgetAtMillis());
          update.setObject(3, Times.due(start), Types.BIGINT);
          update.setObject(4, Times.delay(start), Types.BIGINT);
          update.setInt(5, change.attempts());
          update.setBytes(6, change.story().toByteArray());
          update.setBytes(7, ended());
        });
  }

  private void end(String sql, List<Change.End> all) throws SQLException {
    each(
        sql,
        5,
        all,
        OwnedJobs::size,
        (update, change) -> {
          update.setInt(1, change.state().number());
          update.setLong(2, change.forgetAtMillis());
          update.setInt(3, change.attempts());
          update.setBytes(4, change.story().toByteArray());
          update.setBytes(5, result(change));
        });
  }

  private static byte @Nullable [] result(Change.End end) {
    return end.result() == null ? null : end.result().toByteArray();
  }

  private static int size(Change.End end) {
    return end.story().getSerializedSize()
        + (end.result() == null ? 0 : end.result().getSerializedSize());
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
          try {
            TakenJob job = taken(rows, Payload.getDefaultInstance());
            changes.add(verdict.apply(job, rows.getLong("started_at")));
          } catch (Rows.UnreadableException e) {
            changes.add(unreadable(rows, e, nowMillis));
          }
        }
      }
    }
    write(changes);
    return changes.size();
  }

  /** What becomes of one whose row cannot be read. */
  static Change unreadable(ResultSet row, Rows.UnreadableException e, long nowMillis)
      throws SQLException {
    return e.end(row.getLong("seq"), row.getInt("attempts") - 1, nowMillis);
  }

  /** A job whose row says that it runs: that attempt is not one before. */
  static TakenJob taken(ResultSet row, Payload payload) throws SQLException {
    return new TakenJob(
        row.getLong("seq"),
        row.getString("job_id"),
        row.getInt("attempts") - 1,
        Rows.record(row.getBytes("record")),
        payload,
        Rows.story(row.getBytes("story")));
  }
}
