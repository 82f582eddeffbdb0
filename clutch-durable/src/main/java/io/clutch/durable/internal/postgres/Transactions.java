package io.clutch.durable.internal.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.clutch.durable.internal.store.StoreException;
import io.clutch.durable.internal.store.StoreException.Effect;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Transactions, whatever happens to connections. Thread-safe. */
final class Transactions implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Transactions.class);

  /** For who writes, who reads, and who rings. */
  private static final int CONNECTIONS = 3;

  /** How long it waits for a connection. */
  private static final long CONNECT_MILLIS = 2_000;

  /** How often it looks whether a connection that nobody uses is still there. */
  private static final long KEEPALIVE_MILLIS = TimeUnit.MINUTES.toMillis(1);

  /** How often a transaction is tried that got in the way of another. */
  private static final int TRIES = 3;

  /**
   * Every statement here has an index that it is meant for. What a table of jobs holds changes
   * altogether within minutes, and statistics that are behind it must not talk the planner into
   * reading it whole. Where a commit has to last, it must, whatever the database's default is; and
   * who falls silent in the middle of a transaction must not hold up the others.
   */
  private static final String SETTINGS =
      "SET lock_timeout = '5s'; SET statement_timeout = '5s';"
          + " SET idle_in_transaction_session_timeout = '15s';"
          + " SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_sort = off;"
          + " SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off;"
          + " SELECT set_config('synchronous_commit', 'on', false)"
          + " WHERE current_setting('synchronous_commit') = 'off'";

  private final HikariDataSource pool;

  Transactions(PostgresUrl url) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("clutch-jobs");
    config.setDataSource(url.database());
    config.setMaximumPoolSize(CONNECTIONS);
    config.setMinimumIdle(1);
    config.setConnectionTimeout(CONNECT_MILLIS);
    config.setKeepaliveTime(KEEPALIVE_MILLIS);
    config.setAutoCommit(false);
    config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
    config.setConnectionInitSql(SETTINGS);
    // Whoever needs one finds out, and says so.
    config.setInitializationFailTimeout(-1);
    this.pool = new HikariDataSource(config);
  }

  /** What is done with a connection; may be done again where it failed. */
  interface Work<T> {
    T run(Connection connection) throws SQLException, StoreException;
  }

  /** Statements of which each stands for itself. */
  <T> T read(Work<T> work) throws StoreException {
    return repeatedly("read", () -> once(work));
  }

  private <T> T once(Work<T> work) throws SQLException, StoreException {
    try (Connection connection = pool.getConnection()) {
      connection.setAutoCommit(true);
      return work.run(connection);
    }
  }

  /**
   * A transaction.
   *
   * @param lasts whether it must survive a power failure; else the last ones may be forgotten
   */
  <T> T write(boolean lasts, Work<T> work) throws StoreException {
    return repeatedly("write to", () -> commit(lasts, work));
  }

  private <T> T commit(boolean lasts, Work<T> work) throws SQLException, StoreException {
    try (Connection connection = pool.getConnection()) {
      T result;
      try {
        if (!lasts) {
          run(connection, "SET LOCAL synchronous_commit = off");
        }
        result = work.run(connection);
      } catch (SQLException | StoreException | RuntimeException e) {
        rollBack(connection);
        throw e;
      }
      try {
        connection.commit();
      } catch (SQLException e) {
        if (isRefused(e)) {
          throw e;
        }
        throw failure("write to", Effect.UNKNOWN, e);
      }
      return result;
    }
  }

  private static void rollBack(Connection connection) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      log.debug("nothing to roll back", e);
    }
  }

  private interface Try<T> {
    T run() throws SQLException, StoreException;
  }

  private static <T> T repeatedly(String what, Try<T> attempt) throws StoreException {
    for (int i = 1; ; i++) {
      try {
        return attempt.run();
      } catch (SQLException e) {
        if (i == TRIES || !isWorthAnother(e)) {
          throw failure(what, Effect.NOTHING, e);
        }
        log.debug("try {} to {} the store: {}", i, what, e.getMessage());
      }
    }
  }

  /**
   * Whether another try may do better: it met another transaction, or its connection had been lost
   * meanwhile. Where there is no connection to be had, it has waited for one already.
   */
  private static boolean isWorthAnother(SQLException e) {
    String state = state(e);
    return !(e instanceof SQLTransientConnectionException)
        && (state.equals("40001")
            || state.equals("40P01")
            || state.equals("23505")
            || state.startsWith("08")
            || state.startsWith("57P"));
  }

  /** Whether the server has said of a commit that it did not take place. */
  private static boolean isRefused(SQLException e) {
    String state = state(e);
    return state.startsWith("40") || state.startsWith("23") || state.startsWith("25");
  }

  private static String state(SQLException e) {
    return e.getSQLState() == null ? "" : e.getSQLState();
  }

  static StoreException failure(String what, Effect effect, SQLException e) {
    // The pool only says that it waited; why, its cause does.
    String why =
        e instanceof SQLTransientConnectionException && e.getCause() != null
            ? String.valueOf(e.getCause().getMessage())
            : String.valueOf(e.getMessage());
    return new StoreException("cannot %s the store: %s".formatted(what, why), effect, e);
  }

  /** Runs a statement without parameters and results. */
  static void run(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      boolean unused = statement.execute(sql);
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
