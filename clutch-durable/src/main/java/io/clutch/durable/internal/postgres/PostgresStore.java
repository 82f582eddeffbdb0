package io.clutch.durable.internal.postgres;

import com.google.common.collect.ImmutableSet;
import io.clutch.durable.internal.store.Change;
import io.clutch.durable.internal.store.Changes;
import io.clutch.durable.internal.store.JobStore;
import io.clutch.durable.internal.store.NewRow;
import io.clutch.durable.internal.store.Owner;
import io.clutch.durable.internal.store.Retried;
import io.clutch.durable.internal.store.RowState;
import io.clutch.durable.internal.store.StartMarks;
import io.clutch.durable.internal.store.StoreException;
import io.clutch.durable.internal.store.StoreException.Effect;
import io.clutch.durable.internal.store.StoredJob;
import io.clutch.durable.internal.store.TakenJob;
import io.clutch.durable.internal.store.Written;
import io.clutch.v1.Payload;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One process's part in the store of a database. A job that it takes is marked as started by the
 * same transaction: one more, for each start, would cost more than what is gained by knowing better
 * what a process had not started when it died.
 */
final class PostgresStore implements JobStore {

  private static final Logger log = LoggerFactory.getLogger(PostgresStore.class);

  /** All that is taken is marked. */
  private static final StartMarks MARKS =
      new StartMarks() {
        @Override
        public boolean start(TakenJob job, long nowMillis) {
          return true;
        }

        @Override
        public void settle(long seq) {}
      };

  private static final long BUSY_MILLIS = 50;

  private final Owner self;
  private final Transactions transactions;
  private final Leases leases;
  private final Bell bell;
  private final InstantSource clock;
  private final PendingJobs pending = new PendingJobs();

  /**
   * What was taken by transactions of which it is not known whether they took place. Nobody else
   * knows of these jobs, so they are given back as soon as that can be done.
   */
  private final Set<Long> inDoubt = new HashSet<>();

  private boolean isLost;

  PostgresStore(
      Owner self, Transactions transactions, Leases leases, Bell bell, InstantSource clock) {
    this.self = self;
    this.transactions = transactions;
    this.leases = leases;
    this.bell = bell;
    this.clock = clock;
  }

  @Override
  public Owner self() {
    return self;
  }

  @Override
  public StartMarks marks() {
    return MARKS;
  }

  @Override
  public int prefetch() {
    return 0;
  }

  @Override
  public Written write(Changes changes) throws StoreException {
    List<Long> news = new ArrayList<>();
    try {
      Written written =
          transactions.write(
              changes.isToLast(),
              connection -> {
                news.clear();
                Written done = write(connection, changes);
                done.taken().forEach(job -> news.add(job.seq()));
                return done;
              });
      inDoubt.clear();
      return written;
    } catch (StoreException e) {
      if (e.effect() == Effect.UNKNOWN) {
        inDoubt.addAll(news);
      }
      throw e;
    }
  }

  private Written write(Connection connection, Changes changes)
      throws SQLException, StoreException {
    boolean takes = changes.wanted() > 0 || changes.accepted().stream().anyMatch(NewRow::taken);
    // Or what it takes could be nobody's.
    if (takes && !Owners.holdOff(connection, self.id())) {
      isLost = true;
      throw new StoreException(
          "other processes have taken this one for dead",
          Effect.NOTHING,
          new IllegalStateException());
    }
    OwnedJobs own = new OwnedJobs(connection, self.id(), clock.millis());
    own.write(changes.changes());
    // After that, for what the lost transaction may have settled before it took it again, comes
    // once more.
    own.handBack(inDoubt);
    NewJobs news = new NewJobs(connection, self.id(), clock.millis(), changes.accepted());
    var accepted = news.accept();
    List<TakenJob> taken = new ArrayList<>(news.taken());
    int newOnes = taken.size();
    boolean mayBeMore =
        changes.wanted() > 0
            && pending.take(
                connection,
                self.id(),
                clock.millis(),
                changes.wanted(),
                changes.functions(),
                taken);
    return new Written(accepted, taken, taken.size() - newOnes, mayBeMore);
  }

  @Override
  public boolean cancel(String jobId, long nowMillis, long forgetAtMillis) throws StoreException {
    return transactions.write(
        true, connection -> KnownJobs.cancel(connection, jobId, nowMillis, forgetAtMillis));
  }

  @Override
  public Optional<Retried> retry(String jobId) throws StoreException {
    return transactions.write(
        true, connection -> KnownJobs.retry(connection, jobId, clock.millis()));
  }

  @Override
  public long promote(long nowMillis) throws StoreException {
    if (transactions.read(connection -> KnownJobs.hasExpired(connection, nowMillis))
        && transactions.write(true, connection -> KnownJobs.expire(connection, nowMillis))) {
      return nowMillis;
    }
    long due = transactions.read(KnownJobs::nextDue);
    return due > nowMillis
        ? due
        : transactions.write(
            false,
            connection -> {
              int promoted = KnownJobs.promote(connection, nowMillis);
              long next = KnownJobs.nextDue(connection);
              // Where others have those that are due, they are not looked at again and again.
              return promoted > 0 ? next : Math.max(next, nowMillis + BUSY_MILLIS);
            });
  }

  @Override
  public int shortenDelays(long nowMillis) throws StoreException {
    int all = 0;
    int some;
    do {
      some = transactions.write(true, connection -> KnownJobs.shortenDelays(connection, nowMillis));
      all += some;
    } while (some == KnownJobs.AT_ONCE);
    return all;
  }

  @Override
  public boolean purge(long nowMillis) throws StoreException {
    return transactions.read(connection -> KnownJobs.hasForgettable(connection, nowMillis))
        && transactions.write(false, connection -> KnownJobs.purge(connection, nowMillis));
  }

  @Override
  public void tellJobsWait() {
    bell.ring();
  }

  @Override
  public boolean beat() throws StoreException {
    if (!inDoubt.isEmpty() && !isLost) {
      Written unused = write(new Changes(List.of(), List.of(), 0, ImmutableSet.of()));
    }
    if (!isLost && leases.isTimeToBeat()) {
      isLost = !transactions.write(false, connection -> Owners.beat(connection, self.id()));
      leases.hasBeaten();
    }
    return !isLost;
  }

  @Override
  public Optional<Integer> bury(Owner dead, BiFunction<TakenJob, @Nullable Long, Change> verdict)
      throws StoreException {
    Optional<Integer> jobs =
        transactions.write(true, connection -> bury(connection, dead, verdict));
    if (jobs.isPresent()) {
      leases.forget(dead.id());
    }
    return jobs;
  }

  private Optional<Integer> bury(
      Connection connection, Owner dead, BiFunction<TakenJob, @Nullable Long, Change> verdict)
      throws SQLException {
    OptionalLong beats = Owners.seize(connection, dead.id());
    if (beats.isEmpty()) {
      // Another process has done so.
      return Optional.of(0);
    }
    if (beats.getAsLong() != dead.beats()) {
      return Optional.empty();
    }
    int jobs = new OwnedJobs(connection, dead.id(), clock.millis()).settle(verdict);
    Owners.remove(connection, dead.id());
    return Optional.of(jobs);
  }

  @Override
  public boolean isDead(Owner other) {
    return leases.isDead(other);
  }

  @Override
  public boolean hasPending(ImmutableSet<String> functions) throws StoreException {
    return transactions.read(connection -> PostgresReader.hasPending(connection, functions));
  }

  @Override
  public List<Long> stopsAsked() throws StoreException {
    return transactions.read(connection -> PostgresReader.stopsAsked(connection, self.id()));
  }

  @Override
  public List<Owner> others() throws StoreException {
    return transactions.read(connection -> Owners.others(connection, self.id()));
  }

  @Override
  public Optional<StoredJob> find(String jobId) throws StoreException {
    return transactions.read(connection -> PostgresReader.find(connection, jobId));
  }

  @Override
  public Optional<Payload> result(String jobId) throws StoreException {
    return transactions.read(connection -> PostgresReader.result(connection, jobId));
  }

  @Override
  public List<StoredJob> list(RowState state, @Nullable String function, int limit, long offset)
      throws StoreException {
    return transactions.read(
        connection -> PostgresReader.list(connection, state, function, limit, offset));
  }

  @Override
  public Map<RowState, Long> counts() throws StoreException {
    return transactions.write(false, PostgresReader::counts);
  }

  @Override
  public Optional<StoredJob> oldestPending() throws StoreException {
    return transactions.read(PostgresReader::oldestPending);
  }

  @Override
  public void close() {
    bell.close();
    try {
      boolean unused =
          transactions.write(
              false,
              connection -> {
                new OwnedJobs(connection, self.id(), clock.millis()).handBack(inDoubt);
                Owners.leave(connection, self.id());
                return true;
              });
    } catch (StoreException e) {
      log.warn("cannot leave the store: {}", e.getMessage());
    }
    transactions.close();
  }
}
