package io.clutch.durable.internal.postgres;

import com.google.common.base.Ticker;
import io.clutch.durable.internal.store.JobStore;
import io.clutch.durable.internal.store.JobStores;
import io.clutch.durable.internal.store.Owner;
import io.clutch.durable.internal.store.Schema;
import io.clutch.durable.internal.store.StoreException;
import io.clutch.durable.internal.store.StoreException.Effect;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.LongFunction;
import javax.sql.DataSource;
import org.flywaydb.core.api.FlywayException;

/** Opens the store in a PostgreSQL database. */
public final class PostgresStores implements JobStores {

  private static final SecureRandom RANDOM = new SecureRandom();

  /** Whoever has this lock of the database's makes the schema: "clutch" in ASCII. */
  private static final long SCHEMA_LOCK = 0x636c75746368L;

  private static final String VERSION =
      "SELECT coalesce(max(CAST(version AS integer)), 0) FROM "
          + Schema.HISTORY
          + " WHERE success AND version IS NOT NULL";

  private final PostgresUrl url;
  private final LongFunction<Owner> self;
  private final Duration lease;
  private final InstantSource clock;
  private volatile Runnable jobsWait = () -> {};

  /**
   * @param store {@code postgresql://user:password@host:port/database?parameter=value}
   * @param self this process, by the id that it is to have
   * @param lease how long a process that has fallen silent keeps its jobs at most
   * @throws IllegalArgumentException where {@code store} makes no sense
   */
  public PostgresStores(
      String store, LongFunction<Owner> self, Duration lease, InstantSource clock) {
    this.url = PostgresUrl.parse(store);
    this.self = self;
    this.lease = lease;
    this.clock = clock;
  }

  /** Whether a store of that name is in a PostgreSQL database. */
  public static boolean isFor(String store) {
    return PostgresUrl.isOne(store);
  }

  @Override
  public String name() {
    return url.name();
  }

  @Override
  public void onJobsWait(Runnable told) {
    jobsWait = told;
  }

  @Override
  public JobStore open(boolean wasDamaged) throws StoreException {
    DataSource database = url.database();
    try {
      prepare(database);
    } catch (SQLException | FlywayException e) {
      throw new StoreException("cannot open the store: " + e.getMessage(), Effect.NOTHING, e);
    }
    Transactions transactions = new Transactions(url);
    try {
      // 53 bits, for programs that take all numbers for floating-point ones.
      Owner owner = self.apply((RANDOM.nextLong() >>> 11) | 1);
      transactions.write(
          true,
          connection -> {
            Owners.enter(connection, owner);
            return owner;
          });
      return new PostgresStore(
          owner,
          transactions,
          new Leases(lease, Ticker.systemTicker()),
          new Bell(database, transactions, Long.toString(owner.id()), jobsWait),
          clock);
    } catch (StoreException | RuntimeException e) {
      transactions.close();
      throw e;
    }
  }

  /** Sees to it that the schema is there. */
  private static void prepare(DataSource database) throws SQLException, StoreException {
    try (Connection connection = database.getConnection()) {
      checkEncoding(connection);
      if (hasSchema(connection)) {
        return;
      }
      // One at a time; and who comes second need not trouble Flyway, which takes its time.
      Transactions.run(connection, "SET lock_timeout = '60s'");
      Transactions.run(connection, "SELECT pg_advisory_lock(" + SCHEMA_LOCK + ")");
      // The lock goes with the connection.
      if (!hasSchema(connection)) {
        Schema.migrate(database, "postgresql");
      }
    }
  }

  /** Or some ids could not be written. */
  private static void checkEncoding(Connection connection) throws SQLException, StoreException {
    String encoding = ask(connection, "SHOW server_encoding");
    if (!encoding.equals("UTF8")) {
      throw unusable(
          "the database's encoding is %s: a store needs one of UTF8".formatted(encoding));
    }
  }

  private static boolean hasSchema(Connection connection) throws SQLException, StoreException {
    if (ask(connection, "SELECT to_regclass('" + Schema.HISTORY + "')").isEmpty()) {
      return false;
    }
    int version = Integer.parseInt(ask(connection, VERSION));
    if (version > Schema.VERSION) {
      throw unusable(
          "the store was written by a newer version of Clutch: its schema is %d, the newest known here %d"
              .formatted(version, Schema.VERSION));
    }
    return version == Schema.VERSION;
  }

  private static StoreException unusable(String why) {
    return new StoreException(why, Effect.NOTHING, new IllegalStateException());
  }

  /** One value; empty where that is null. */
  private static String ask(Connection connection, String sql) throws SQLException {
    try (PreparedStatement query = connection.prepareStatement(sql);
        ResultSet row = query.executeQuery()) {
      String answer = row.next() ? row.getString(1) : null;
      return answer == null ? "" : answer;
    }
  }
}
