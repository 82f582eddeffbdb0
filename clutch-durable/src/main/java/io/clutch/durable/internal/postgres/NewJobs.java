package io.clutch.durable.internal.postgres;

import io.clutch.durable.internal.record.JobStory;
import io.clutch.durable.internal.store.NewRow;
import io.clutch.durable.internal.store.RowState;
import io.clutch.durable.internal.store.Rows;
import io.clutch.durable.internal.store.TakenJob;
import io.clutch.worker.jobs.AcceptedJob;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Puts new jobs into the store, inside one transaction. Those of the same id or key as one that is
 * there, or as one before them here, are kept out, as if they came one by one.
 */
final class NewJobs {

  private static final String INSERT =
      "INSERT INTO clutch_job (job_id, function, priority, state, unique_key, due_at, delay, owner,"
          + " started_at, attempts, record, expires_at, payload)"
          + " SELECT n.job_id, n.function, n.priority, n.state, n.unique_key, n.due_at, n.delay,"
          + " CASE n.state WHEN 3 THEN ?::bigint END, CASE n.state WHEN 3 THEN ?::bigint END,"
          + " CASE n.state WHEN 3 THEN 1 ELSE 0 END, n.record, n.expires_at,"
          + " n.payload"
          + " FROM unnest(?::text[], ?::text[], ?::smallint[], ?::smallint[], ?::text[],"
          + " ?::bigint[], ?::bigint[], ?::bytea[], ?::bigint[], ?::bytea[])"
          + " WITH ORDINALITY"
          + " AS n (job_id, function, priority, state, unique_key, due_at, delay, record, expires_at,"
          + " payload, i)"
          + " ORDER BY n.i ON CONFLICT DO NOTHING RETURNING job_id, seq";

  /** Whom those meet that were kept out. */
  private static final String EXISTING =
      "SELECT job_id, unique_key FROM clutch_job WHERE job_id = ANY (?::text[])"
          + " UNION ALL SELECT job_id, unique_key FROM clutch_job WHERE unique_key = ANY (?::text[])";

  /** A job that another one kept out, which then went itself, is put there after all. */
  private static final int TRIES = 5;

  private final Connection connection;
  private final long owner;
  private final long nowMillis;
  private final List<NewRow> rows;
  private final @Nullable AcceptedJob[] answers;
  private final List<TakenJob> taken = new ArrayList<>();

  /** Ids that are in the store. */
  private final Set<String> ids = new HashSet<>();

  /** Keys that are in the store, and by which job. */
  private final Map<String, String> keys = new HashMap<>();

  NewJobs(Connection connection, long owner, long nowMillis, List<NewRow> rows) {
    this.connection = connection;
    this.owner = owner;
    this.nowMillis = nowMillis;
    this.rows = rows;
    this.answers = new AcceptedJob[rows.size()];
  }

  /** Puts them there. */
  List<AcceptedJob> accept() throws SQLException {
    List<Integer> left = new ArrayList<>(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      left.add(i);
    }
    int tries = 0;
    while (!left.isEmpty()) {
      List<Integer> next = distinct(left);
      for (List<Integer> portion : Columns.portions(next, i -> rows.get(i).bytes())) {
        settle(portion);
      }
      // The first one of them comes to a settlement, or it is to be tried again.
      int before = left.size();
      left.removeIf(i -> answers[i] != null);
      if (left.size() == before && ++tries == TRIES) {
        throw new SQLException("a job was kept out by none");
      }
    }
    return Arrays.stream(answers).map(NewJobs::given).toList();
  }

  private static AcceptedJob given(@Nullable AcceptedJob answer) {
    if (answer == null) {
      throw new IllegalStateException("a job was left without an answer");
    }
    return answer;
  }

  /** Those on which nothing before them bears that is not settled; answers what is known. */
  private List<Integer> distinct(List<Integer> left) {
    List<Integer> distinct = new ArrayList<>(left.size());
    Set<String> newIds = new HashSet<>();
    Set<String> newKeys = new HashSet<>();
    for (int i : left) {
      if (ids.contains(rows.get(i).jobId())) {
        answer(i);
        continue;
      }
      String key = key(i);
      boolean isFirst = newIds.add(rows.get(i).jobId());
      boolean isFirstOfKey = key == null || keys.containsKey(key) || newKeys.add(key);
      if (isFirst && isFirstOfKey) {
        distinct.add(i);
      }
    }
    return distinct;
  }

  private void settle(List<Integer> portion) throws SQLException {
    List<Integer> open = new ArrayList<>(portion.size());
    List<Integer> keptOut = new ArrayList<>();
    for (int i : portion) {
      String key = key(i);
      if (key != null && keys.containsKey(key)) {
        keptOut.add(i);
      } else {
        open.add(i);
      }
    }
    if (!open.isEmpty()) {
      List<Integer> out = insert(open);
      if (KnownJobs.expireHolders(connection, keys(out), nowMillis)) {
        out = insert(out);
      }
      keptOut.addAll(out);
    }
    if (!keptOut.isEmpty()) {
      findExisting(keptOut);
      keptOut.forEach(this::answer);
    }
  }

  /** Of one that is kept out, by its id before its key, if by either. */
  private void answer(int i) {
    String id = rows.get(i).jobId();
    String key = key(i);
    String holder = ids.contains(id) ? id : key == null ? null : keys.get(key);
    if (holder != null) {
      answers[i] = new AcceptedJob(holder, true);
    }
  }

  private @Nullable String key(int i) {
    return Rows.uniqueKey(rows.get(i).record().getOptions());
  }

  /** Says which were kept out. */
  private List<Integer> insert(List<Integer> portion) throws SQLException {
    Map<String, Long> inserted = new HashMap<>();
    try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
      insert.setLong(1, owner);
      insert.setLong(2, nowMillis);
      Columns.set(insert, 3, "text", portion, i -> rows.get(i).jobId());
      Columns.set(insert, 4, "text", portion, i -> rows.get(i).record().getFunction());
      Columns.set(
          insert, 5, "int2", portion, i -> Rows.priority(rows.get(i).record().getOptions()));
      Columns.set(insert, 6, "int2", portion, i -> state(rows.get(i)).number());
      Columns.set(insert, 7, "text", portion, this::key);
      Columns.set(insert, 8, "int8", portion, i -> Times.due(rows.get(i).start()));
      Columns.set(insert, 9, "int8", portion, i -> Times.delay(rows.get(i).start()));
      Columns.set(insert, 10, "bytea", portion, i -> rows.get(i).record().toByteArray());
      Columns.set(insert, 11, "int8", portion, i -> Rows.expiresAt(rows.get(i).record()));
      Columns.set(insert, 12, "bytea", portion, i -> rows.get(i).payload().toByteArray());
      try (ResultSet news = insert.executeQuery()) {
        while (news.next()) {
          inserted.put(news.getString(1), news.getLong(2));
        }
      }
    }
    List<Integer> keptOut = new ArrayList<>();
    for (int i : portion) {
      Long seq = inserted.get(rows.get(i).jobId());
      if (seq == null) {
        keptOut.add(i);
      } else {
        isThere(i, seq);
      }
    }
    return keptOut;
  }

  private void isThere(int i, long seq) {
    NewRow row = rows.get(i);
    String key = key(i);
    ids.add(row.jobId());
    if (key != null) {
      keys.put(key, row.jobId());
    }
    answers[i] = new AcceptedJob(row.jobId(), false);
    if (row.taken()) {
      taken.add(
          new TakenJob(
              seq, row.jobId(), 0, row.record(), row.payload(), JobStory.getDefaultInstance()));
    }
  }

  private static RowState state(NewRow row) {
    return row.taken()
        ? RowState.STARTED
        : row.start().isNow() ? RowState.PENDING : RowState.SCHEDULED;
  }

  private List<String> keys(List<Integer> some) {
    List<String> found = new ArrayList<>();
    for (int i : some) {
      String key = key(i);
      if (key != null) {
        found.add(key);
      }
    }
    return found;
  }

  private void findExisting(List<Integer> keptOut) throws SQLException {
    List<String> keysOut = keys(keptOut);
    try (PreparedStatement query = connection.prepareStatement(EXISTING)) {
      Columns.set(query, 1, "text", keptOut, i -> rows.get(i).jobId());
      Columns.set(query, 2, "text", keysOut, key -> key);
      try (ResultSet found = query.executeQuery()) {
        while (found.next()) {
          String id = found.getString(1);
          String key = found.getString(2);
          ids.add(id);
          if (key != null) {
            keys.put(key, id);
          }
        }
      }
    }
  }

  /** Those that were to be taken, and are new. */
  List<TakenJob> taken() {
    return taken;
  }
}
