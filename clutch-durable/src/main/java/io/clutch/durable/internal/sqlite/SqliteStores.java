package io.clutch.durable.internal.sqlite;

import io.clutch.durable.internal.store.JobStore;
import io.clutch.durable.internal.store.JobStores;
import io.clutch.durable.internal.store.Owner;
import io.clutch.durable.internal.store.Schema;
import io.clutch.durable.internal.store.Statements;
import io.clutch.durable.internal.store.StoreException;
import io.clutch.durable.internal.store.StoreException.Effect;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.function.LongFunction;
import org.flywaydb.core.api.FlywayException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConfig.JournalMode;
import org.sqlite.SQLiteConfig.SynchronousMode;
import org.sqlite.SQLiteDataSource;
import org.sqlite.SQLiteErrorCode;

/** Opens the store in a folder. */
public final class SqliteStores implements JobStores {

  private static final Logger log = LoggerFactory.getLogger(SqliteStores.class);

  private static final DateTimeFormatter SUFFIX =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

  /** Locks are for this process's siblings to give up; only a foreign program holds one so long. */
  private static final int BUSY_MILLIS = 5_000;

  private final StoreFolder folder;
  private final LongFunction<Owner> self;
  private final InstantSource clock;

  /**
   * @param self this process, by the id that it is to have
   * @throws IOException where the folder cannot be made or written
   */
  public SqliteStores(Path folder, LongFunction<Owner> self, InstantSource clock)
      throws IOException {
    try {
      this.folder = StoreFolder.open(folder);
    } catch (IOException e) {
      // Its own message is often the path alone.
      throw new IOException("cannot use '%s' as a store: %s".formatted(folder, e), e);
    }
    NativeLibrary.keepIn(folder);
    this.self = self;
    this.clock = clock;
  }

  @Override
  public String name() {
    return folder.toString();
  }

  @Override
  public void close() {
    try {
      folder.close();
    } catch (IOException e) {
      log.warn("cannot close the store '{}'", folder, e);
    }
  }

  @Override
  public JobStore open(boolean wasDamaged) throws StoreException {
    try {
      if (wasDamaged) {
        folder.markDamaged();
      }
      return folder.alone(this::openAlone);
    } catch (IOException | SQLException | FlywayException e) {
      throw failure("open", e);
    }
  }

  private JobStore openAlone() throws IOException, SQLException, StoreException {
    checkSoundness();
    SQLiteDataSource database = database(true);
    Statements writing = new Statements(database.getConnection());
    try {
      migrate(writing.connection(), database);
      return enter(writing, new Statements(readOnly()));
    } catch (IOException | SQLException | RuntimeException e) {
      writing.close();
      throw e;
    }
  }

  private JobStore enter(Statements writing, Statements reading) throws IOException, SQLException {
    try {
      return SqliteStore.enter(folder, writing, reading, self, clock);
    } catch (IOException | SQLException | RuntimeException e) {
      reading.close();
      throw e;
    }
  }

  /** Puts a database that is damaged out of the way. */
  private void checkSoundness() throws IOException, StoreException {
    if (!Files.exists(folder.database())) {
      folder.clearDamage();
      return;
    }
    String damage = damage(folder.isDamaged());
    if (damage == null) {
      folder.clearDamage();
      return;
    }
    folder.markDamaged();
    if (folder.isInUse()) {
      throw new StoreException(
          "the store '%s' is damaged (%s), and other processes still have it open"
              .formatted(folder, damage),
          Effect.DAMAGED,
          new IOException(damage));
    }
    Path aside = folder.setAside(SUFFIX.format(Instant.now()));
    log.error(
        "the store '{}' is damaged ({}): it was set aside as '{}', with the jobs in it, and a new,"
            + " empty one takes its place; what can be saved, 'sqlite3 FILE .recover' reads",
        folder,
        damage,
        aside);
  }

  /** What is wrong with the database; null where nothing is. */
  private @Nullable String damage(boolean looksClosely) {
    try (Connection connection = database(true).getConnection();
        Statement statement = connection.createStatement();
        ResultSet answer =
            statement.executeQuery(
                looksClosely
                    ? "PRAGMA integrity_check(1)"
                    : "SELECT count(*) FROM sqlite_schema")) {
      String found = answer.next() ? answer.getString(1) : "no answer";
      return !looksClosely || found.equals("ok") ? null : found;
    } catch (SQLException e) {
      return isDamage(e) ? String.valueOf(e.getMessage()) : null;
    }
  }

  private static void migrate(Connection connection, SQLiteDataSource database)
      throws SQLException, StoreException {
    int version = version(connection);
    if (version > Schema.VERSION) {
      throw new StoreException(
          "the store was written by a newer version of Clutch: its schema is %d, the newest known here %d"
              .formatted(version, Schema.VERSION),
          Effect.NOTHING,
          new IllegalStateException());
    }
    if (version < Schema.VERSION) {
      // Flyway has no lock for SQLite, but nobody else writes now; and a look is cheaper than it
      // is.
      Schema.migrate(database, "sqlite");
      try (Statement statement = connection.createStatement()) {
        boolean unused = statement.execute("PRAGMA user_version = " + Schema.VERSION);
      }
    }
  }

  private static int version(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet answer = statement.executeQuery("PRAGMA user_version")) {
      return answer.next() ? answer.getInt(1) : 0;
    }
  }

  private SQLiteDataSource database(boolean writes) {
    SQLiteConfig config = new SQLiteConfig();
    config.setBusyTimeout(BUSY_MILLIS);
    // Or each insert would be followed by a query that nobody asked for.
    config.setGetGeneratedKeys(false);
    if (writes) {
      config.setJournalMode(JournalMode.WAL);
      config.setSynchronous(SynchronousMode.NORMAL);
    } else {
      config.setReadOnly(true);
    }
    SQLiteDataSource database = new SQLiteDataSource(config);
    database.setUrl("jdbc:sqlite:" + folder.database());
    return database;
  }

  private Connection readOnly() throws SQLException {
    return database(false).getConnection();
  }

  /** What went wrong, for whoever must know what it means. */
  static StoreException failure(String what, Exception e) {
    if (e instanceof StoreException known) {
      return known;
    }
    boolean isDamage = e instanceof SQLException sql && isDamage(sql);
    return new StoreException(
        "cannot %s the store: %s".formatted(what, e.getMessage()),
        isDamage ? Effect.DAMAGED : Effect.NOTHING,
        e);
  }

  private static boolean isDamage(SQLException e) {
    int code = e.getErrorCode() & 0xff;
    return code == SQLiteErrorCode.SQLITE_CORRUPT.code
        || code == SQLiteErrorCode.SQLITE_NOTADB.code;
  }
}
