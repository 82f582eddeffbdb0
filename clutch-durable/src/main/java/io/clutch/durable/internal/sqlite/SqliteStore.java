package io.clutch.durable.internal.sqlite;

import com.google.common.collect.ImmutableSet;
import io.clutch.durable.internal.store.Change;
import io.clutch.durable.internal.store.Changes;
import io.clutch.durable.internal.store.JobStore;
import io.clutch.durable.internal.store.Owner;
import io.clutch.durable.internal.store.Retried;
import io.clutch.durable.internal.store.RowState;
import io.clutch.durable.internal.store.StartMarks;
import io.clutch.durable.internal.store.Statements;
import io.clutch.durable.internal.store.StoreException;
import io.clutch.durable.internal.store.StoredJob;
import io.clutch.durable.internal.store.TakenJob;
import io.clutch.durable.internal.store.Written;
import io.clutch.v1.Payload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One process's part in the store of a folder: its transactions, its life, its end. */
final class SqliteStore implements JobStore {

  private static final Logger log = LoggerFactory.getLogger(SqliteStore.class);

  private static final SecureRandom RANDOM = new SecureRandom();

  /** How many quick jobs are taken at a time: a transaction costs as much as some dozen of them. */
  private static final int PREFETCH = 32;

  private final StoreFolder folder;
  private final Owner self;
  private final OwnerFile marks;
  private final WriteAheadLog wal;
  private final Statements writing;
  private final SqliteWriter writer;
  private final SqliteReader reader;

  private SqliteStore(
      StoreFolder folder,
      Owner self,
      OwnerFile marks,
      WriteAheadLog wal,
      Statements writing,
      Statements reading,
      InstantSource clock) {
    this.folder = folder;
    this.self = self;
    this.marks = marks;
    this.wal = wal;
    this.writing = writing;
    this.writer = new SqliteWriter(writing, self.id(), clock);
    this.reader =
        new SqliteReader(owner -> OwnerFile.read(folder.ownerFile(owner)), reading, self.id());
  }

  /** Enters this process; nobody else may write meanwhile. */
  static SqliteStore enter(
      StoreFolder folder,
      Statements writing,
      Statements reading,
      LongFunction<Owner> self,
      InstantSource clock)
      throws IOException, SQLException {
    // 53 bits, for programs that take all numbers for floating-point ones.
    Owner owner = self.apply((RANDOM.nextLong() >>> 11) | 1);
    OwnerFile file = OwnerFile.create(folder.ownerFile(owner.id()));
    try {
      // Writes, and so makes the log where there is none.
      new SqliteWriter(writing, owner.id(), clock).enter(owner);
      return new SqliteStore(
          folder, owner, file, WriteAheadLog.open(folder.log()), writing, reading, clock);
    } catch (IOException | SQLException | RuntimeException e) {
      file.close();
      Files.deleteIfExists(folder.ownerFile(owner.id()));
      throw e;
    }
  }

  @Override
  public Owner self() {
    return self;
  }

  @Override
  public StartMarks marks() {
    return marks;
  }

  @Override
  public int prefetch() {
    return PREFETCH;
  }

  @Override
  public Written write(Changes changes) throws StoreException {
    return transact(() -> writer.write(changes));
  }

  @Override
  public void sync() throws StoreException {
    try {
      wal.sync();
    } catch (IOException e) {
      throw new StoreException(
          "cannot write the store to the disk: " + e.getMessage(),
          StoreException.Effect.UNKNOWN,
          e);
    }
  }

  @Override
  public boolean cancel(String jobId, long nowMillis, long forgetAtMillis) throws StoreException {
    return transactAndSync(() -> writer.known().cancel(jobId, nowMillis, forgetAtMillis));
  }

  @Override
  public Optional<Retried> retry(String jobId) throws StoreException {
    return transactAndSync(() -> writer.known().retry(jobId));
  }

  @Override
  public long promote(long nowMillis) throws StoreException {
    if (read(() -> reader.hasExpired(nowMillis))
        && transactAndSync(() -> writer.known().expire(nowMillis))) {
      return nowMillis;
    }
    long due = read(reader::nextDue);
    return due > nowMillis ? due : transact(() -> writer.known().promote(nowMillis));
  }

  @Override
  public int shortenDelays(long nowMillis) throws StoreException {
    int all = 0;
    while (read(() -> reader.hasLongerDelays(nowMillis))) {
      all += transactAndSync(() -> writer.known().shortenDelays(nowMillis));
    }
    return all;
  }

  @Override
  public boolean purge(long nowMillis) throws StoreException {
    return read(() -> reader.hasForgettable(nowMillis))
        && transact(() -> writer.known().purge(nowMillis));
  }

  /** The lock of its file says that it lives. */
  @Override
  public boolean beat() throws StoreException {
    if (folder.isDamaged()) {
      throw SqliteStores.failure(
          "use",
          new StoreException(
              "the store '%s' is damaged, another process has found".formatted(folder),
              StoreException.Effect.DAMAGED,
              new IOException("damaged")));
    }
    if (wal.mayHaveGaps()) {
      // As each transaction does first.
      return transact(() -> true);
    }
    return true;
  }

  @Override
  public Optional<Integer> bury(Owner dead, BiFunction<TakenJob, @Nullable Long, Change> verdict)
      throws StoreException {
    Path file = folder.ownerFile(dead.id());
    try {
      if (OwnerFile.isAlive(file)) {
        return Optional.empty();
      }
      int jobs = transact(() -> writer.bury(dead.id(), OwnerFile.read(file), verdict));
      // Nobody finds it any more.
      Files.deleteIfExists(file);
      sync();
      return Optional.of(jobs);
    } catch (IOException e) {
      throw SqliteStores.failure("read", e);
    }
  }

  @Override
  public boolean isDead(Owner other) throws StoreException {
    try {
      return !OwnerFile.isAlive(folder.ownerFile(other.id()));
    } catch (IOException e) {
      throw SqliteStores.failure("read", e);
    }
  }

  @Override
  public boolean hasPending(ImmutableSet<String> functions) throws StoreException {
    return read(() -> reader.hasPending(functions));
  }

  @Override
  public List<Long> stopsAsked() throws StoreException {
    return read(reader::stopsAsked);
  }

  @Override
  public List<Owner> others() throws StoreException {
    return read(reader::others);
  }

  @Override
  public Optional<StoredJob> find(String jobId) throws StoreException {
    return read(() -> reader.find(jobId));
  }

  @Override
  public Optional<Payload> result(String jobId) throws StoreException {
    return read(() -> reader.result(jobId));
  }

  @Override
  public List<StoredJob> list(RowState state, @Nullable String function, int limit, long offset)
      throws StoreException {
    return read(() -> reader.list(state, function, limit, offset));
  }

  @Override
  public Map<RowState, Long> counts() throws StoreException {
    return read(reader::counts);
  }

  @Override
  public Optional<StoredJob> oldestPending() throws StoreException {
    return read(reader::oldestPending);
  }

  /** What is done in a transaction. */
  private interface Work<T> {
    T run() throws SQLException, IOException;
  }

  private <T> T read(Work<T> work) throws StoreException {
    synchronized (reader) {
      try {
        return work.run();
      } catch (SQLException | IOException e) {
        throw SqliteStores.failure("read", e);
      }
    }
  }

  /** What must survive a power failure. */
  private <T> T transactAndSync(Work<T> work) throws StoreException {
    T result = transact(work);
    sync();
    return result;
  }

  private <T> T transact(Work<T> work) throws StoreException {
    try {
      return folder.alone(() -> transactAlone(work));
    } catch (SQLException | IOException e) {
      throw SqliteStores.failure("write", e);
    }
  }

  private <T> T transactAlone(Work<T> work) throws SQLException, IOException {
    wal.mend(writing);
    writing.run("BEGIN IMMEDIATE");
    boolean committed = false;
    try {
      T result = work.run();
      writing.run("COMMIT");
      committed = true;
      return result;
    } finally {
      if (!committed) {
        rollBack();
      }
    }
  }

  /** After some errors, a full disk for one, SQLite has done so itself. */
  private void rollBack() {
    try {
      writing.forget();
      writing.run("ROLLBACK");
    } catch (SQLException e) {
      log.debug("nothing to roll back", e);
    }
  }

  @Override
  public void close() {
    boolean isEmpty = false;
    try {
      isEmpty = transact(() -> writer.leave());
    } catch (StoreException e) {
      log.warn("cannot leave the store '{}': {}", folder, e.getMessage());
    }
    try {
      synchronized (reader) {
        reader.close();
      }
      writing.close();
      wal.close();
      marks.close();
      if (isEmpty) {
        Files.deleteIfExists(folder.ownerFile(self.id()));
      }
    } catch (SQLException | IOException e) {
      log.warn("cannot close the store '{}'", folder, e);
    }
  }

  static boolean exists(PreparedStatement query) throws SQLException {
    try (ResultSet rows = query.executeQuery()) {
      return rows.next();
    }
  }
}
