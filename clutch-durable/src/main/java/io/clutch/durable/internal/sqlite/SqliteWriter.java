package io.clutch.durable.internal.sqlite;

import io.clutch.durable.internal.store.Change;
import io.clutch.durable.internal.store.Changes;
import io.clutch.durable.internal.store.Owner;
import io.clutch.durable.internal.store.Statements;
import io.clutch.durable.internal.store.TakenJob;
import io.clutch.durable.internal.store.Written;
import io.clutch.worker.jobs.AcceptedJob;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * What a process writes, from its entry to its end, all of it inside transactions of {@link
 * SqliteStore}. For one thread.
 */
final class SqliteWriter {

  private final Statements statements;
  private final long owner;
  private final InstantSource clock;
  private final KnownJobs known;
  private final NewJobs news;
  private final OwnedJobs own;
  private final PendingJobs pending;

  SqliteWriter(Statements statements, long owner, InstantSource clock) {
    this.statements = statements;
    this.owner = owner;
    this.clock = clock;
    this.known = new KnownJobs(statements, clock);
    this.news = new NewJobs(statements, owner, known);
    this.own = new OwnedJobs(statements, owner, clock);
    this.pending = new PendingJobs(statements, owner, clock, own);
  }

  /** What people and time do to jobs. */
  KnownJobs known() {
    return known;
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
    own.write(changes.changes());
    List<TakenJob> taken = new ArrayList<>();
    List<AcceptedJob> accepted = news.accept(changes.accepted(), taken);
    int newOnes = taken.size();
    boolean mayBeMore =
        changes.wanted() > 0 && pending.take(changes.wanted(), changes.functions(), taken);
    return new Written(accepted, taken, taken.size() - newOnes, mayBeMore);
  }

  int bury(long dead, Map<Long, Long> started, BiFunction<TakenJob, @Nullable Long, Change> verdict)
      throws SQLException {
    int jobs = new OwnedJobs(statements, dead, clock).settle(started, verdict);
    PreparedStatement delete = statements.of("DELETE FROM clutch_owner WHERE id = ?");
    delete.setLong(1, dead);
    int unused = delete.executeUpdate();
    return jobs;
  }
}
