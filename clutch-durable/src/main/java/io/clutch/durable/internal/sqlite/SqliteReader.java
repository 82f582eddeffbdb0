package io.clutch.durable.internal.sqlite;

import com.google.common.collect.ImmutableSet;
import io.clutch.durable.internal.store.Owner;
import io.clutch.durable.internal.store.PriorityTurns;
import io.clutch.durable.internal.store.RowState;
import io.clutch.durable.internal.store.Rows;
import io.clutch.durable.internal.store.Statements;
import io.clutch.durable.internal.store.StoredJob;
import io.clutch.v1.Payload;
import java.io.IOException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What only reads. {@link SqliteStore} lets one thread in at a time. */
final class SqliteReader {

  private static final String JOB =
      "SELECT j.seq, j.job_id, j.function, j.state, j.attempts, j.due_at, j.owner, j.record, j.story, o.host,"
          + " o.pool, o.slot, o.generation, o.pid, o.beats"
          + " FROM clutch_job j LEFT JOIN clutch_owner o ON o.id = j.owner ";

  static final String HAS_EXPIRED =
      "SELECT 1 FROM clutch_job WHERE state < 2 AND expires_at < ? LIMIT 1";

  static final String HAS_LONGER_DELAYS =
      "SELECT 1 FROM clutch_job"
          + " WHERE state = 1 AND delay IS NOT NULL AND due_at - delay > ? LIMIT 1";

  static final String STOPS_ASKED = "SELECT seq FROM clutch_job WHERE owner = ? AND stop_asked = 1";

  private final Marks marks;
  private final Statements statements;
  private final long self;

  /** What each owner has started, with the times. */
  interface Marks {
    Map<Long, Long> of(long owner) throws IOException;
  }

  SqliteReader(Marks marks, Statements statements, long self) {
    this.marks = marks;
    this.statements = statements;
    this.self = self;
  }

  boolean hasPending(ImmutableSet<String> functions) throws SQLException {
    for (int priority = 0; priority < PriorityTurns.PRIORITIES; priority++) {
      for (String function = next(priority, ""); function != null; ) {
        if (functions.contains(function)) {
          return true;
        }
        function = next(priority, function);
      }
    }
    return false;
  }

  /** The next function, by name, that has pending jobs; null where there is none. */
  private @Nullable String next(int priority, String after) throws SQLException {
    return PendingJobs.next(statements, priority, after);
  }

  /** When the first of those that are scheduled is due, in ms since 1970. */
  long nextDue() throws SQLException {
    return KnownJobs.nextDue(statements);
  }

  boolean hasForgettable(long nowMillis) throws SQLException {
    for (RowState state : RowState.values()) {
      if (state.isEnded()) {
        PreparedStatement query = statements.of(hasForgettable(state));
        query.setLong(1, nowMillis);
        if (SqliteStore.exists(query)) {
          return true;
        }
      }
    }
    return false;
  }

  static String hasForgettable(RowState state) {
    return "SELECT 1 FROM clutch_job WHERE " + KnownJobs.in(state) + " AND due_at < ? LIMIT 1";
  }

  /** Whether some did not start in time. */
  boolean hasExpired(long nowMillis) throws SQLException {
    PreparedStatement query = statements.of(HAS_EXPIRED);
    query.setLong(1, nowMillis);
    return SqliteStore.exists(query);
  }

  /** Whether the clock was set back since some were delayed. */
  boolean hasLongerDelays(long nowMillis) throws SQLException {
    PreparedStatement query = statements.of(HAS_LONGER_DELAYS);
    query.setLong(1, nowMillis);
    return SqliteStore.exists(query);
  }

  List<Long> stopsAsked() throws SQLException {
    PreparedStatement query = statements.of(STOPS_ASKED);
    query.setLong(1, self);
    List<Long> asked = new ArrayList<>();
    try (ResultSet rows = query.executeQuery()) {
      while (rows.next()) {
        asked.add(rows.getLong(1));
      }
    }
    return asked;
  }

  List<Owner> others() throws SQLException {
    PreparedStatement query =
        statements.of(
            "SELECT id, host, pool, slot, generation, pid, beats FROM clutch_owner WHERE id <> ?");
    query.setLong(1, self);
    List<Owner> others = new ArrayList<>();
    try (ResultSet rows = query.executeQuery()) {
      while (rows.next()) {
        others.add(owner(rows.getLong("id"), rows));
      }
    }
    return others;
  }

  private static Owner owner(long id, ResultSet row) throws SQLException {
    return new Owner(
        id,
        row.getString("host"),
        row.getString("pool"),
        row.getInt("slot"),
        row.getLong("generation"),
        row.getLong("pid"),
        row.getLong("beats"));
  }

  Optional<StoredJob> find(String jobId) throws SQLException, IOException {
    PreparedStatement query = statements.of(JOB + "WHERE j.job_id = ?");
    query.setString(1, jobId);
    return jobs(query).stream().findFirst();
  }

  Optional<Payload> result(String jobId) throws SQLException {
    PreparedStatement query =
        statements.of("SELECT result FROM clutch_job WHERE job_id = ? AND result IS NOT NULL");
    query.setString(1, jobId);
    try (ResultSet row = query.executeQuery()) {
      return row.next() ? Optional.of(Rows.payload(row.getBytes(1))) : Optional.empty();
    }
  }

  Optional<StoredJob> oldestPending() throws SQLException, IOException {
    long oldest = Long.MAX_VALUE;
    for (int priority = 0; priority < PriorityTurns.PRIORITIES; priority++) {
      for (String function = next(priority, ""); function != null; ) {
        PreparedStatement query =
            statements.of(
                "SELECT min(seq) FROM clutch_job"
                    + " WHERE state = 0 AND priority = ? AND function = ?");
        query.setInt(1, priority);
        query.setString(2, function);
        try (ResultSet rows = query.executeQuery()) {
          if (rows.next() && rows.getLong(1) != 0) {
            oldest = Math.min(oldest, rows.getLong(1));
          }
        }
        function = next(priority, function);
      }
    }
    PreparedStatement query = statements.of(JOB + "WHERE j.seq = ?");
    query.setLong(1, oldest);
    return jobs(query).stream().findFirst();
  }

  static String list(RowState state, @Nullable String function) {
    String which =
        switch (state) {
          case PENDING -> "j.state = 0 AND j.priority IN (0, 1, 2)";
          case SCHEDULED -> "j.state = 1";
          case TAKEN, STARTED -> "j.owner IS NOT NULL";
          default -> KnownJobs.in(state);
        };
    String order =
        switch (state) {
          case PENDING -> "j.priority, j.function, j.seq";
          case SCHEDULED -> "j.due_at";
          // Sorted, or the whole table would be walked in that order.
          case TAKEN, STARTED -> "+j.seq";
          default -> "j.due_at DESC";
        };
    return JOB
        + "WHERE "
        + which
        + (function == null ? "" : " AND j.function = ?3")
        + " ORDER BY "
        + order
        + " LIMIT ?1 OFFSET ?2";
  }

  List<StoredJob> list(RowState state, @Nullable String function, int limit, long offset)
      throws SQLException, IOException {
    PreparedStatement query = statements.of(list(state, function));
    query.setInt(1, limit);
    query.setLong(2, offset);
    if (function != null) {
      query.setString(3, function);
    }
    return jobs(query);
  }

  Map<RowState, Long> counts() throws SQLException {
    Map<RowState, Long> counts = new EnumMap<>(RowState.class);
    count(counts, RowState.PENDING, "state = 0");
    count(counts, RowState.SCHEDULED, "state = 1");
    count(counts, RowState.STARTED, "owner IS NOT NULL");
    for (RowState state : RowState.values()) {
      if (state.isEnded()) {
        count(counts, state, KnownJobs.in(state));
      }
    }
    return counts;
  }

  static String count(String which) {
    return "SELECT count(*) FROM clutch_job WHERE " + which;
  }

  private void count(Map<RowState, Long> counts, RowState state, String which) throws SQLException {
    try (ResultSet rows = statements.of(count(which)).executeQuery()) {
      counts.put(state, rows.next() ? rows.getLong(1) : 0L);
    }
  }

  private List<StoredJob> jobs(PreparedStatement query) throws SQLException, IOException {
    List<StoredJob> jobs = new ArrayList<>(read(query));
    for (int i = 0; i < jobs.size(); i++) {
      if (jobs.get(i).state() == RowState.TAKEN) {
        // It may have ended, and its mark be gone, after its row was read: then its row says so
        // now.
        PreparedStatement again = statements.of(JOB + "WHERE j.seq = ?");
        again.setLong(1, jobs.get(i).seq());
        List<StoredJob> now = read(again);
        if (!now.isEmpty()) {
          jobs.set(i, now.get(0));
        }
      }
    }
    return jobs;
  }

  private List<StoredJob> read(PreparedStatement query) throws SQLException, IOException {
    Map<Long, Map<Long, Long>> known = new HashMap<>();
    List<StoredJob> jobs = new ArrayList<>();
    try (ResultSet rows = query.executeQuery()) {
      while (rows.next()) {
        jobs.add(job(rows, known));
      }
    }
    return jobs;
  }

  /** Whether a job was started, its owner's marks say. */
  private StoredJob job(ResultSet row, Map<Long, Map<Long, Long>> known)
      throws SQLException, IOException {
    long seq = row.getLong("seq");
    RowState state = RowState.of(row.getInt("state"));
    int attempts = row.getInt("attempts");
    long owner = row.getLong("owner");
    Long started = null;
    if (owner != 0) {
      Map<Long, Long> ofOwner = known.get(owner);
      if (ofOwner == null) {
        ofOwner = marks.of(owner);
        known.put(owner, ofOwner);
      }
      started = ofOwner.get(seq);
      state = started == null ? RowState.TAKEN : RowState.STARTED;
    }
    return new StoredJob(
        seq,
        row.getString("job_id"),
        state,
        started == null ? attempts : attempts + 1,
        row.getLong("due_at"),
        started == null ? 0 : started,
        started == null || row.getString("host") == null ? "" : owner(owner, row).name(),
        Rows.shown(row.getBytes("record"), row.getString("function")),
        Rows.story(row.getBytes("story")));
  }

  void close() throws SQLException {
    statements.close();
  }
}
