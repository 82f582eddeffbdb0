package io.clutch.durable.internal.sqlite;

import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.Bytes;
import io.clutch.durable.internal.record.JobRecord;
import io.clutch.durable.internal.record.JobStory;
import io.clutch.durable.internal.store.Change;
import io.clutch.durable.internal.store.Changes;
import io.clutch.durable.internal.store.NewRow;
import io.clutch.durable.internal.store.Owner;
import io.clutch.durable.internal.store.PriorityTurns;
import io.clutch.durable.internal.store.Retried;
import io.clutch.durable.internal.store.RowState;
import io.clutch.durable.internal.store.Rows;
import io.clutch.durable.internal.store.Start;
import io.clutch.durable.internal.store.Statements;
import io.clutch.durable.internal.store.TakenJob;
import io.clutch.durable.internal.store.Written;
import io.clutch.v1.JobOptions;
import io.clutch.worker.jobs.AcceptedJob;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** What is written, all of it inside transactions of {@link SqliteStore}. For one thread. */
final class SqliteWriter {

  private static final String INSERT =
      "INSERT INTO clutch_job (job_id, function, priority, state, unique_key, due_at, delay, owner,"
          + " attempts, record, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)"
          + " ON CONFLICT DO NOTHING";

  private static final String END =
      "UPDATE clutch_job SET state = ?, owner = NULL, unique_key = NULL, due_at = ?, delay = NULL,"
          + " attempts = ?, stop_asked = 0, story = ?, record = coalesce(?, record)"
          + " WHERE seq = ? AND owner = ?";

  private static final String AGAIN =
      "UPDATE clutch_job SET state = ?, owner = NULL, due_at = ?, delay = ?, attempts = ?, story = ?,"
          + " expires_at = NULL WHERE seq = ? AND owner = ? AND stop_asked = 0";

  private static final String HAND_BACK =
      "UPDATE clutch_job SET state = 0, owner = NULL"
          + " WHERE seq = ? AND owner = ? AND stop_asked = 0";

  private static final String RETRY =
      "UPDATE clutch_job SET state = 0, due_at = NULL, delay = NULL, attempts = 0, stop_asked = 0, expires_at = NULL,"
          + " story = ?, record = coalesce(?, record), unique_key = ? WHERE job_id = ?";

  private static final String EXPIRED =
      "SELECT seq, story FROM clutch_job WHERE state < 2 AND expires_at < ? LIMIT ?";

  private static final String EXPIRE =
      "UPDATE clutch_job SET state = 7, unique_key = NULL, due_at = ?, delay = NULL,"
          + " stop_asked = 0, story = ? WHERE seq = ?";

  /** How many rows one transaction changes, so that it holds up nobody. */
  static final int AT_ONCE = 2_000;

  /** How many rows one transaction forgets, so that it holds up nobody. */
  private static final int PURGED_AT_ONCE = 500;

  private final Statements statements;
  private final long owner;
  private final InstantSource clock;
  private final PriorityTurns turns = new PriorityTurns();

  SqliteWriter(Statements statements, long owner, InstantSource clock) {
    this.statements = statements;
    this.owner = owner;
    this.clock = clock;
  }

  void enter(Owner self) throws SQLException {
    PreparedStatement insert =
        statements.of(
            "INSERT INTO clutch_owner (id, host, pool, slot, generation, pid)"
                + " VALUES (?, ?, ?, ?, ?, ?)");
    insert.setLong(1, self.id());
    insert.setString(2, self.host());
    insert.setString(3, self.pool());
    insert.setInt(4, self.slot());
    insert.setLong(5, self.generation());
    insert.setLong(6, self.processId());
    int unused = insert.executeUpdate();
  }

  /** Whether nothing is left of this process. */
  boolean leave() throws SQLException {
    // What it has still taken, whoever buries it must find.
    PreparedStatement delete =
        statements.of(
            "DELETE FROM clutch_owner WHERE id = ?1"
                + " AND NOT EXISTS (SELECT 1 FROM clutch_job WHERE owner = ?1)");
    delete.setLong(1, owner);
    return delete.executeUpdate() > 0;
  }

  Written write(Changes changes) throws SQLException {
    for (Change change : changes.changes()) {
      write(change, owner);
    }
    List<AcceptedJob> accepted = new ArrayList<>(changes.accepted().size());
    List<TakenJob> taken = new ArrayList<>();
    for (NewRow row : changes.accepted()) {
      accepted.add(insert(row, taken));
    }
    int fromPending = 0;
    if (changes.wanted() > 0) {
      List<TakenJob> pending = take(changes.wanted(), changes.functions());
      fromPending = pending.size();
      taken.addAll(pending);
    }
    return new Written(accepted, taken, fromPending);
  }

  private AcceptedJob insert(NewRow row, List<TakenJob> taken) throws SQLException {
    JobOptions options = row.record().getOptions();
    Start start = row.start();
    PreparedStatement insert = statements.of(INSERT);
    insert.setString(1, row.jobId());
    insert.setString(2, row.record().getFunction());
    insert.setInt(3, Rows.priority(options));
    RowState state =
        row.taken() ? RowState.TAKEN : start.isNow() ? RowState.PENDING : RowState.SCHEDULED;
    insert.setInt(4, state.number());
    insert.setString(5, Rows.uniqueKey(options));
    setStart(insert, 6, start);
    if (row.taken()) {
      insert.setLong(8, owner);
    } else {
      insert.setNull(8, Types.INTEGER);
    }
    insert.setBytes(9, row.record().toByteArray());
    Long expiresAt = Rows.expiresAt(row.record());
    if (expiresAt == null) {
      insert.setNull(10, Types.INTEGER);
    } else {
      insert.setLong(10, expiresAt);
    }
    if (insert.executeUpdate() == 0
        && !(expireHolder(Rows.uniqueKey(options)) && insert.executeUpdate() > 0)) {
      return new AcceptedJob(existing(row), true);
    }
    if (row.taken()) {
      taken.add(
          new TakenJob(lastSeq(), row.jobId(), 0, row.record(), JobStory.getDefaultInstance()));
    }
    return new AcceptedJob(row.jobId(), false);
  }

  private static void setStart(PreparedStatement statement, int index, Start start)
      throws SQLException {
    if (start.isNow()) {
      statement.setNull(index, Types.INTEGER);
    } else {
      statement.setLong(index, start.dueMillis());
    }
    if (start.delayMillis() == 0) {
      statement.setNull(index + 1, Types.INTEGER);
    } else {
      statement.setLong(index + 1, start.delayMillis());
    }
  }

  private long lastSeq() throws SQLException {
    try (ResultSet rows = statements.of("SELECT last_insert_rowid()").executeQuery()) {
      return rows.next() ? rows.getLong(1) : 0;
    }
  }

  /** Ends the job that has that key where it should have ended; whether it did. */
  private boolean expireHolder(@Nullable String key) throws SQLException {
    long now = clock.millis();
    PreparedStatement query =
        statements.of(
            "SELECT seq, story FROM clutch_job"
                + " WHERE unique_key = ? AND state < 2 AND expires_at < ?");
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

  /** The id of the job that keeps another one out. */
  private String existing(NewRow row) throws SQLException {
    PreparedStatement same = statements.of("SELECT 1 FROM clutch_job WHERE job_id = ?");
    same.setString(1, row.jobId());
    if (SqliteStore.exists(same)) {
      return row.jobId();
    }
    String key = Rows.uniqueKey(row.record().getOptions());
    String holder = key == null ? null : holder(key, row.jobId());
    if (holder == null) {
      throw new SQLException("a job was kept out by none");
    }
    return holder;
  }

  /** Another job that has that key; null where there is none. */
  private @Nullable String holder(String key, String jobId) throws SQLException {
    PreparedStatement query =
        statements.of("SELECT job_id FROM clutch_job WHERE unique_key = ? AND job_id <> ?");
    query.setString(1, key);
    query.setString(2, jobId);
    try (ResultSet rows = query.executeQuery()) {
      return rows.next() ? rows.getString(1) : null;
    }
  }

  private void write(Change change, long of) throws SQLException {
    if (change instanceof Change.End end) {
      PreparedStatement update = statements.of(END);
      update.setInt(1, end.state().number());
      update.setLong(2, end.forgetAtMillis());
      update.setInt(3, end.attempts());
      update.setBytes(4, end.story().toByteArray());
      update.setBytes(5, end.record() == null ? null : end.record().toByteArray());
      update.setLong(6, end.seq());
      update.setLong(7, of);
      int unused = update.executeUpdate();
    } else if (change instanceof Change.Again again) {
      PreparedStatement update = statements.of(AGAIN);
      update.setInt(1, (again.start().isNow() ? RowState.PENDING : RowState.SCHEDULED).number());
      setStart(update, 2, again.start());
      update.setInt(4, again.attempts());
      update.setBytes(5, again.story().toByteArray());
      update.setLong(6, again.seq());
      update.setLong(7, of);
      if (update.executeUpdate() == 0) {
        endUnwanted(again.seq(), of, again.attempts(), again.story());
      }
    } else if (change instanceof Change.HandBack back) {
      PreparedStatement update = statements.of(HAND_BACK);
      update.setLong(1, back.seq());
      update.setLong(2, of);
      if (update.executeUpdate() == 0) {
        endUnwanted(back.seq(), of);
      }
    } else if (change instanceof Change.Progress progress) {
      PreparedStatement update =
          statements.of("UPDATE clutch_job SET story = ? WHERE seq = ? AND owner = ?");
      update.setBytes(1, progress.story().toByteArray());
      update.setLong(2, progress.seq());
      update.setLong(3, of);
      int unused = update.executeUpdate();
    }
  }

  /** It was not started, and is not to be; where it is that owner's. */
  private void endUnwanted(long seq, long of) throws SQLException {
    PreparedStatement query =
        statements.of("SELECT attempts, story FROM clutch_job WHERE seq = ? AND owner = ?");
    query.setLong(1, seq);
    query.setLong(2, of);
    int attempts;
    JobStory story;
    try (ResultSet row = query.executeQuery()) {
      if (!row.next()) {
        return;
      }
      attempts = row.getInt(1);
      story = Rows.story(row.getBytes(2));
    }
    endUnwanted(seq, of, attempts, story);
  }

  /** Somebody wanted it to be stopped: it does not run again. */
  private void endUnwanted(long seq, long of, int attempts, JobStory story) throws SQLException {
    long now = clock.millis();
    write(
        new Change.End(
            seq,
            RowState.CANCELLED,
            attempts,
            now + Rows.SET_ASIDE.toMillis(),
            null,
            story.toBuilder().setEndedMillis(now).build()),
        of);
  }

  /** Takes pending jobs whose turn it is. */
  private List<TakenJob> take(int count, ImmutableSet<String> functions) throws SQLException {
    List<List<Long>> lines = new ArrayList<>();
    for (int priority = 0; priority < PriorityTurns.PRIORITIES; priority++) {
      lines.add(line(priority, functions, count));
    }
    List<TakenJob> taken = new ArrayList<>();
    Map<Long, Rows.UnreadableException> unreadable = new HashMap<>();
    for (long seq : turns.choose(lines, count)) {
      PreparedStatement update =
          statements.of("UPDATE clutch_job SET state = 2, owner = ? WHERE seq = ?");
      update.setLong(1, owner);
      update.setLong(2, seq);
      int unused = update.executeUpdate();
      PreparedStatement query =
          statements.of("SELECT job_id, attempts, record, story FROM clutch_job WHERE seq = ?");
      query.setLong(1, seq);
      try (ResultSet rows = query.executeQuery()) {
        if (rows.next()) {
          taken.add(taken(seq, rows));
        }
      } catch (Rows.UnreadableException e) {
        unreadable.put(seq, e);
      }
    }
    for (Map.Entry<Long, Rows.UnreadableException> one : unreadable.entrySet()) {
      write(one.getValue().end(one.getKey(), attempts(one.getKey()), clock.millis()), owner);
    }
    return taken;
  }

  private int attempts(long seq) throws SQLException {
    PreparedStatement query = statements.of("SELECT attempts FROM clutch_job WHERE seq = ?");
    query.setLong(1, seq);
    try (ResultSet row = query.executeQuery()) {
      return row.next() ? row.getInt(1) : 0;
    }
  }

  private static TakenJob taken(long seq, ResultSet row) throws SQLException {
    return new TakenJob(
        seq,
        row.getString("job_id"),
        row.getInt("attempts"),
        Rows.record(row.getBytes("record")),
        Rows.story(row.getBytes("story")));
  }

  /** The first pending jobs of a priority, of functions that can be run here. */
  private List<Long> line(int priority, ImmutableSet<String> functions, int count)
      throws SQLException {
    List<Long> line = new ArrayList<>();
    int lines = 0;
    for (String function = next(statements, priority, ""); function != null; ) {
      if (functions.contains(function)) {
        lines++;
        PreparedStatement query =
            statements.of(
                "SELECT seq FROM clutch_job WHERE state = 0 AND priority = ? AND function = ?"
                    + " ORDER BY seq LIMIT ?");
        query.setInt(1, priority);
        query.setString(2, function);
        query.setInt(3, count);
        try (ResultSet rows = query.executeQuery()) {
          while (rows.next()) {
            line.add(rows.getLong(1));
          }
        }
      }
      function = next(statements, priority, function);
    }
    if (lines > 1) {
      line.sort(null);
    }
    return line.size() > count ? line.subList(0, count) : line;
  }

  /** The next function, by name, that has pending jobs; null where there is none. */
  static @Nullable String next(Statements statements, int priority, String after)
      throws SQLException {
    PreparedStatement query =
        statements.of(
            "SELECT function FROM clutch_job WHERE state = 0 AND priority = ? AND function > ?"
                + " ORDER BY function LIMIT 1");
    query.setInt(1, priority);
    query.setString(2, after);
    try (ResultSet rows = query.executeQuery()) {
      return rows.next() ? rows.getString(1) : null;
    }
  }

  boolean cancel(String jobId, long nowMillis, long forgetAtMillis) throws SQLException {
    PreparedStatement cancel =
        statements.of(
            "UPDATE clutch_job SET state = 6, unique_key = NULL, due_at = ?, delay = NULL"
                + " WHERE job_id = ? AND state IN (0, 1)");
    cancel.setLong(1, forgetAtMillis);
    cancel.setString(2, jobId);
    if (cancel.executeUpdate() > 0) {
      noteEnd(jobId, nowMillis);
      return true;
    }
    PreparedStatement ask =
        statements.of(
            "UPDATE clutch_job SET stop_asked = 1 WHERE job_id = ? AND owner IS NOT NULL");
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

  /** Some; says when the next one of those that are left is due. */
  long promote(long nowMillis) throws SQLException {
    PreparedStatement update =
        statements.of(
            "UPDATE clutch_job SET state = 0, due_at = NULL, delay = NULL"
                + " WHERE seq IN (SELECT seq FROM clutch_job"
                + " WHERE state = 1 AND due_at <= ? ORDER BY due_at LIMIT ?)");
    update.setLong(1, nowMillis);
    update.setInt(2, AT_ONCE);
    int unused = update.executeUpdate();
    try (ResultSet rows =
        statements.of("SELECT min(due_at) FROM clutch_job WHERE state = 1").executeQuery()) {
      long due = rows.next() ? rows.getLong(1) : 0;
      return due == 0 ? Long.MAX_VALUE : due;
    }
  }

  /** Of some; says of how many. */
  int shortenDelays(long nowMillis) throws SQLException {
    PreparedStatement update =
        statements.of(
            "UPDATE clutch_job SET due_at = ?1 + delay WHERE seq IN (SELECT seq FROM clutch_job"
                + " WHERE state = 1 AND delay IS NOT NULL AND due_at - delay > ?1 LIMIT ?2)");
    update.setLong(1, nowMillis);
    update.setInt(2, AT_ONCE);
    return update.executeUpdate();
  }

  boolean purge(long nowMillis) throws SQLException {
    int left = PURGED_AT_ONCE;
    for (RowState state : RowState.values()) {
      if (state.isEnded() && left > 0) {
        PreparedStatement delete =
            statements.of(
                "DELETE FROM clutch_job WHERE seq IN (SELECT seq FROM clutch_job"
                    + " WHERE state >= 4 AND state = ? AND due_at < ? LIMIT ?)");
        delete.setInt(1, state.number());
        delete.setLong(2, nowMillis);
        delete.setInt(3, left);
        left -= delete.executeUpdate();
      }
    }
    return left == 0;
  }

  int bury(long dead, Map<Long, Long> started, BiFunction<TakenJob, @Nullable Long, Change> verdict)
      throws SQLException {
    List<Change> changes = new ArrayList<>();
    PreparedStatement query =
        statements.of(
            "SELECT seq, job_id, attempts, record, story FROM clutch_job WHERE owner = ?");
    query.setLong(1, dead);
    try (ResultSet rows = query.executeQuery()) {
      while (rows.next()) {
        long seq = rows.getLong("seq");
        try {
          changes.add(verdict.apply(taken(seq, rows), started.get(seq)));
        } catch (Rows.UnreadableException e) {
          changes.add(e.end(seq, rows.getInt("attempts"), clock.millis()));
        }
      }
    }
    for (Change change : changes) {
      write(change, dead);
    }
    PreparedStatement delete = statements.of("DELETE FROM clutch_owner WHERE id = ?");
    delete.setLong(1, dead);
    int unused = delete.executeUpdate();
    return changes.size();
  }
}
