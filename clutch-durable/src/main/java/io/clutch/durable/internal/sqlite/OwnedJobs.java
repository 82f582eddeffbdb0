package io.clutch.durable.internal.sqlite;

import io.clutch.durable.internal.record.JobStory;
import io.clutch.durable.internal.store.Change;
import io.clutch.durable.internal.store.RowState;
import io.clutch.durable.internal.store.Rows;
import io.clutch.durable.internal.store.Start;
import io.clutch.durable.internal.store.Statements;
import io.clutch.durable.internal.store.TakenJob;
import io.clutch.v1.Payload;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of the jobs of an owner. What is not, or no more, its own stays as it is. For one
 * thread, inside its transactions.
 */
final class OwnedJobs {

  private static final String END =
      "UPDATE clutch_job SET state = ?, owner = NULL, unique_key = NULL, due_at = ?, delay = NULL,"
          + " attempts = ?, stop_asked = 0, story = ?, result = ? WHERE seq = ? AND owner = ?";

  /** The same, without reading the argument that goes. */
  private static final String END_FOR_GOOD =
      END.replace(" result = ?", " result = ?, payload = NULL");

  private static final String AGAIN =
      "UPDATE clutch_job SET state = ?, owner = NULL, due_at = ?, delay = ?, attempts = ?, story = ?,"
          + " expires_at = NULL WHERE seq = ? AND owner = ? AND stop_asked = 0";

  private static final String HAND_BACK =
      "UPDATE clutch_job SET state = 0, owner = NULL"
          + " WHERE seq = ? AND owner = ? AND stop_asked = 0";

  private static final String PROGRESS =
      "UPDATE clutch_job SET story = ? WHERE seq = ? AND owner = ?";

  private static final String ALL =
      "SELECT seq, job_id, attempts, record, story FROM clutch_job WHERE owner = ?";

  private final Statements statements;
  private final long owner;
  private final InstantSource clock;

  OwnedJobs(Statements statements, long owner, InstantSource clock) {
    this.statements = statements;
    this.owner = owner;
    this.clock = clock;
  }

  void write(List<Change> changes) throws SQLException {
    for (Change change : changes) {
      write(change);
    }
  }

  private void write(Change change) throws SQLException {
    if (change instanceof Change.End end) {
      end(end);
    } else if (change instanceof Change.Again again) {
      PreparedStatement update = statements.of(AGAIN);
      update.setInt(1, (again.start().isNow() ? RowState.PENDING : RowState.SCHEDULED).number());
      setStart(update, 2, again.start());
      update.setInt(4, again.attempts());
      update.setBytes(5, again.story().toByteArray());
      update.setLong(6, again.seq());
      update.setLong(7, owner);
      if (update.executeUpdate() == 0) {
        endUnwanted(again.seq(), again.attempts(), again.story());
      }
    } else if (change instanceof Change.HandBack back) {
      PreparedStatement update = statements.of(HAND_BACK);
      update.setLong(1, back.seq());
      update.setLong(2, owner);
      if (update.executeUpdate() == 0) {
        endUnwanted(back.seq());
      }
    } else if (change instanceof Change.Progress progress) {
      PreparedStatement update = statements.of(PROGRESS);
      update.setBytes(1, progress.story().toByteArray());
      update.setLong(2, progress.seq());
      update.setLong(3, owner);
      int unused = update.executeUpdate();
    }
  }

  private void end(Change.End end) throws SQLException {
    Payload result = end.result();
    PreparedStatement update = statements.of(end.dropsPayload() ? END_FOR_GOOD : END);
    update.setInt(1, end.state().number());
    update.setLong(2, end.forgetAtMillis());
    update.setInt(3, end.attempts());
    update.setBytes(4, end.story().toByteArray());
    update.setBytes(5, result == null ? null : result.toByteArray());
    update.setLong(6, end.seq());
    update.setLong(7, owner);
    int unused = update.executeUpdate();
  }

  /** It was not started, and is not to be; where it is this owner's. */
  private void endUnwanted(long seq) throws SQLException {
    PreparedStatement query =
        statements.of("SELECT attempts, story FROM clutch_job WHERE seq = ? AND owner = ?");
    query.setLong(1, seq);
    query.setLong(2, owner);
    int attempts;
    JobStory story;
    try (ResultSet row = query.executeQuery()) {
      if (!row.next()) {
        return;
      }
      attempts = row.getInt(1);
      story = Rows.story(row.getBytes(2));
    }
    endUnwanted(seq, attempts, story);
  }

  /** Somebody wanted it to be stopped: it does not run again. */
  private void endUnwanted(long seq, int attempts, JobStory story) throws SQLException {
    long now = clock.millis();
    end(
        new Change.End(
            seq,
            RowState.CANCELLED,
            attempts,
            now + Rows.SET_ASIDE.toMillis(),
            story.toBuilder().setEndedMillis(now).build(),
            null));
  }

  /**
   * Settles all that it has.
   *
   * @param started what it has started, and when
   * @return how many there were
   */
  int settle(Map<Long, Long> started, BiFunction<TakenJob, @Nullable Long, Change> verdict)
      throws SQLException {
    List<Change> changes = new ArrayList<>();
    PreparedStatement query = statements.of(ALL);
    query.setLong(1, owner);
    try (ResultSet rows = query.executeQuery()) {
      while (rows.next()) {
        long seq = rows.getLong("seq");
        try {
          TakenJob job = taken(rows, Payload.getDefaultInstance());
          changes.add(verdict.apply(job, started.get(seq)));
        } catch (Rows.UnreadableException e) {
          changes.add(e.end(seq, rows.getInt("attempts"), clock.millis()));
        }
      }
    }
    write(changes);
    return changes.size();
  }

  static TakenJob taken(ResultSet row, Payload payload) throws SQLException {
    return new TakenJob(
        row.getLong("seq"),
        row.getString("job_id"),
        row.getInt("attempts"),
        Rows.record(row.getBytes("record")),
        payload,
        Rows.story(row.getBytes("story")));
  }

  /** When it may run, in two parameters. */
  static void setStart(PreparedStatement statement, int index, Start start) throws SQLException {
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
}
