package io.clutch.durable.internal.postgres;

import com.google.common.collect.ImmutableSet;
import io.clutch.durable.internal.store.RowState;
import io.clutch.durable.internal.store.Rows;
import io.clutch.durable.internal.store.StoredJob;
import io.clutch.v1.Payload;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What only reads. */
final class PostgresReader {

  private static final String JOB =
      "SELECT j.seq, j.job_id, j.function, j.state, j.attempts, j.due_at, j.owner, j.started_at, j.record,"
          + " j.story, o.host, o.pool, o.slot, o.generation, o.pid, o.beats"
          + " FROM clutch_job j LEFT JOIN clutch_owner o ON o.id = j.owner ";

  private static final String HAS_PENDING =
      "SELECT 1 FROM unnest('{0,1,2}'::smallint[]) AS p (priority)"
          + " CROSS JOIN unnest(?::text[]) AS f (name)"
          + " CROSS JOIN LATERAL (SELECT 1 FROM clutch_job j"
          + " WHERE j.state = 0 AND j.priority = p.priority AND j.function = f.name LIMIT 1) AS j"
          + " LIMIT 1";

  /** From one function's first job to the next one's, past all that are between. */
  private static final String OLDEST_PENDING =
      "WITH RECURSIVE head AS ("
          + " SELECT p.priority, h.function, h.seq, h.job_id"
          + " FROM unnest('{0,1,2}'::smallint[]) AS p (priority)"
          + " CROSS JOIN LATERAL (SELECT function, seq, job_id FROM clutch_job"
          + " WHERE state = 0 AND priority = p.priority ORDER BY function, seq LIMIT 1) AS h"
          + " UNION ALL SELECT l.priority, h.function, h.seq, h.job_id FROM head l"
          + " CROSS JOIN LATERAL (SELECT function, seq, job_id FROM clutch_job"
          + " WHERE state = 0 AND priority = l.priority AND function > l.function"
          + " ORDER BY function, seq LIMIT 1) AS h)"
          + " SELECT job_id FROM head ORDER BY seq LIMIT 1";

  private PostgresReader() {}

  static boolean hasPending(Connection connection, ImmutableSet<String> functions)
      throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(HAS_PENDING)) {
      Columns.set(query, 1, "text", functions, name -> name);
      try (ResultSet row = query.executeQuery()) {
        return row.next();
      }
    }
  }

  static List<Long> stopsAsked(Connection connection, long owner) throws SQLException {
    List<Long> asked = new ArrayList<>();
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT seq FROM clutch_job WHERE owner = ? AND stop_asked ORDER BY seq")) {
      query.setLong(1, owner);
      try (ResultSet rows = query.executeQuery()) {
        while (rows.next()) {
          asked.add(rows.getLong(1));
        }
      }
    }
    return asked;
  }

  static Optional<StoredJob> find(Connection connection, String jobId) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(JOB + "WHERE j.job_id = ?")) {
      query.setString(1, jobId);
      return jobs(query).stream().findFirst();
    }
  }

  static Optional<Payload> result(Connection connection, String jobId) throws SQLException {
    try (PreparedStatement query =
        connection.prepareStatement(
            "SELECT result FROM clutch_job WHERE job_id = ? AND result IS NOT NULL")) {
      query.setString(1, jobId);
      try (ResultSet row = query.executeQuery()) {
        return row.next() ? Optional.of(Rows.payload(row.getBytes(1))) : Optional.empty();
      }
    }
  }

  static Optional<StoredJob> oldestPending(Connection connection) throws SQLException {
    String id = null;
    try (PreparedStatement query = connection.prepareStatement(OLDEST_PENDING);
        ResultSet row = query.executeQuery()) {
      if (row.next()) {
        id = row.getString(1);
      }
    }
    return id == null ? Optional.empty() : find(connection, id);
  }

  static String list(RowState state, boolean ofOneFunction) {
    String which =
        switch (state) {
          case PENDING -> "j.state = 0";
          case SCHEDULED -> "j.state = 1";
          case TAKEN, STARTED -> "j.owner IS NOT NULL";
          default -> KnownJobs.in(state);
        };
    String order =
        switch (state) {
          case PENDING -> "j.priority, j.function, j.seq";
          case SCHEDULED -> "j.due_at, j.seq";
          case TAKEN, STARTED -> "j.seq";
          default -> "j.due_at DESC, j.seq DESC";
        };
    return JOB
        + "WHERE "
        + which
        + (ofOneFunction ? " AND j.function = ?" : "")
        + " ORDER BY "
        + order
        + " LIMIT ? OFFSET ?";
  }

  static List<StoredJob> list(
      Connection connection, RowState state, @Nullable String function, int limit, long offset)
      throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(list(state, function != null))) {
      int index = 1;
      if (function != null) {
        query.setString(index++, function);
      }
      query.setInt(index++, limit);
      query.setLong(index, offset);
      return jobs(query);
    }
  }

  static Map<RowState, Long> counts(Connection connection) throws SQLException {
    // Of millions, it takes its time.
    Transactions.run(connection, "SET LOCAL statement_timeout = '30s'");
    Map<RowState, Long> counts = new EnumMap<>(RowState.class);
    counts.put(RowState.PENDING, count(connection, "state = 0"));
    counts.put(RowState.SCHEDULED, count(connection, "state = 1"));
    counts.put(RowState.STARTED, count(connection, "owner IS NOT NULL"));
    for (RowState state : RowState.values()) {
      if (state.isEnded()) {
        counts.put(state, count(connection, KnownJobs.in(state)));
      }
    }
    return counts;
  }

  static String count(String which) {
    return "SELECT count(*) FROM clutch_job WHERE " + which;
  }

  private static long count(Connection connection, String which) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(count(which));
        ResultSet row = query.executeQuery()) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  private static List<StoredJob> jobs(PreparedStatement query) throws SQLException {
    List<StoredJob> jobs = new ArrayList<>();
    try (ResultSet rows = query.executeQuery()) {
      while (rows.next()) {
        jobs.add(job(rows));
      }
    }
    return jobs;
  }

  private static StoredJob job(ResultSet row) throws SQLException {
    return new StoredJob(
        row.getLong("seq"),
        row.getString("job_id"),
        RowState.of(row.getInt("state")),
        row.getInt("attempts"),
        row.getLong("due_at"),
        row.getLong("started_at"),
        row.getString("host") == null ? "" : Owners.owner(row.getLong("owner"), row).name(),
        Rows.shown(row.getBytes("record"), row.getString("function")),
        Rows.story(row.getBytes("story")));
  }
}
