package io.clutch.durable.internal.sqlite;

import com.google.common.collect.ImmutableSet;
import io.clutch.durable.internal.store.Change;
import io.clutch.durable.internal.store.JobStore;
import io.clutch.durable.internal.store.PriorityTurns;
import io.clutch.durable.internal.store.Rows;
import io.clutch.durable.internal.store.Statements;
import io.clutch.durable.internal.store.TakenJob;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes pending jobs whose turn it is. For one thread, inside its transactions. */
final class PendingJobs {

  private static final String TAKE = "UPDATE clutch_job SET state = 2, owner = ? WHERE seq = ?";

  private static final String TAKEN =
      "SELECT seq, job_id, attempts, record, story, payload FROM clutch_job WHERE seq = ?";

  private static final String LINE =
      "SELECT seq FROM clutch_job WHERE state = 0 AND priority = ? AND function = ?"
          + " ORDER BY seq LIMIT ?";

  private static final String NEXT =
      "SELECT function FROM clutch_job WHERE state = 0 AND priority = ? AND function > ?"
          + " ORDER BY function LIMIT 1";

  private final Statements statements;
  private final long owner;
  private final InstantSource clock;
  private final OwnedJobs own;
  private final PriorityTurns turns = new PriorityTurns();

  PendingJobs(Statements statements, long owner, InstantSource clock, OwnedJobs own) {
    this.statements = statements;
    this.owner = owner;
    this.clock = clock;
    this.own = own;
  }

  /**
   * Takes some.
   *
   * @param taken gets them
   * @return whether there may be more
   */
  boolean take(int wanted, ImmutableSet<String> functions, List<TakenJob> taken)
      throws SQLException {
    List<List<Long>> lines = new ArrayList<>();
    for (int priority = 0; priority < PriorityTurns.PRIORITIES; priority++) {
      lines.add(line(priority, functions, wanted));
    }
    List<Change> unreadable = new ArrayList<>();
    Iterator<Long> inTurn = turns.inTurn(lines);
    int count = 0;
    long bytes = 0;
    while (count < wanted && bytes <= JobStore.ENOUGH_BYTES && inTurn.hasNext()) {
      count++;
      long seq = inTurn.next();
      PreparedStatement update = statements.of(TAKE);
      update.setLong(1, owner);
      update.setLong(2, seq);
      int unused = update.executeUpdate();
      PreparedStatement query = statements.of(TAKEN);
      query.setLong(1, seq);
      try (ResultSet row = query.executeQuery()) {
        if (row.next()) {
          try {
            byte[] payload = row.getBytes("payload");
            bytes += payload == null ? 0 : payload.length;
            taken.add(OwnedJobs.taken(row, Rows.payload(payload)));
          } catch (Rows.UnreadableException e) {
            unreadable.add(e.end(seq, row.getInt("attempts"), clock.millis()));
          }
        }
      }
    }
    own.write(unreadable);
    return count == wanted || inTurn.hasNext();
  }

  /** The first pending jobs of a priority, of functions that can be run here. */
  private List<Long> line(int priority, ImmutableSet<String> functions, int count)
      throws SQLException {
    List<Long> line = new ArrayList<>();
    int lines = 0;
    for (String function = next(statements, priority, ""); function != null; ) {
      if (functions.contains(function)) {
        lines++;
        PreparedStatement query = statements.of(LINE);
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
    PreparedStatement query = statements.of(NEXT);
    query.setInt(1, priority);
    query.setString(2, after);
    try (ResultSet rows = query.executeQuery()) {
      return rows.next() ? rows.getString(1) : null;
    }
  }
}
