package io.clutch.durable.internal.sqlite;

import io.clutch.durable.internal.record.JobStory;
import io.clutch.durable.internal.store.NewRow;
import io.clutch.durable.internal.store.RowState;
import io.clutch.durable.internal.store.Rows;
import io.clutch.durable.internal.store.Start;
import io.clutch.durable.internal.store.Statements;
import io.clutch.durable.internal.store.TakenJob;
import io.clutch.v1.JobOptions;
import io.clutch.worker.jobs.AcceptedJob;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;

/** Puts new jobs into the store, one by one. For one thread, inside its transactions. */
final class NewJobs {

  private static final String INSERT =
      "INSERT INTO clutch_job (job_id, function, priority, state, unique_key, due_at, delay, owner,"
          + " attempts, record, expires_at, payload, seq)"
          + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?) ON CONFLICT DO NOTHING";

  private final Statements statements;
  private final long owner;
  private final KnownJobs known;

  /** Of the jobs that there are, within a transaction. */
  private long lastSeq;

  NewJobs(Statements statements, long owner, KnownJobs known) {
    this.statements = statements;
    this.owner = owner;
    this.known = known;
  }

  /**
   * Puts them there.
   *
   * @param taken gets those that were to be taken, and are new
   * @return one for each, in their order
   */
  List<AcceptedJob> accept(List<NewRow> rows, List<TakenJob> taken) throws SQLException {
    List<AcceptedJob> accepted = new ArrayList<>(rows.size());
    if (!rows.isEmpty()) {
      lastSeq = lastSeq();
    }
    for (NewRow row : rows) {
      accepted.add(insert(row, taken));
    }
    return accepted;
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
    OwnedJobs.setStart(insert, 6, start);
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
    insert.setBytes(11, row.payload().toByteArray());
    insert.setLong(12, lastSeq + 1);
    if (insert.executeUpdate() == 0
        && !(known.expireHolder(Rows.uniqueKey(options)) && insert.executeUpdate() > 0)) {
      return new AcceptedJob(existing(row), true);
    }
    lastSeq++;
    if (row.taken()) {
      taken.add(
          new TakenJob(
              lastSeq, row.jobId(), 0, row.record(), row.payload(), JobStory.getDefaultInstance()));
    }
    return new AcceptedJob(row.jobId(), false);
  }

  private long lastSeq() throws SQLException {
    try (ResultSet rows = statements.of("SELECT max(seq) FROM clutch_job").executeQuery()) {
      return rows.next() ? rows.getLong(1) : 0;
    }
  }

  /** The id of the job that keeps another one out. */
  private String existing(NewRow row) throws SQLException {
    PreparedStatement same = statements.of("SELECT 1 FROM clutch_job WHERE job_id = ?");
    same.setString(1, row.jobId());
    if (SqliteStore.exists(same)) {
      return row.jobId();
    }
    String key = Rows.uniqueKey(row.record().getOptions());
    String holder = key == null ? null : known.holder(key, row.jobId());
    if (holder == null) {
      throw new SQLException("a job was kept out by none");
    }
    return holder;
  }
}
