package io.clutch.durable.internal.postgres;

import io.clutch.durable.internal.store.JobStoreContract;
import io.clutch.durable.internal.store.JobStores;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;

final class PostgresStoreTest extends JobStoreContract {

  private final String url = newDatabase();

  private static String newDatabase() {
    try {
      return TestPostgres.shared().newDatabase();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  protected int sql(String statement) throws SQLException {
    try (Connection connection = PostgresUrl.parse(url).database().getConnection();
        Statement running = connection.createStatement()) {
      return running.executeUpdate(statement);
    }
  }

  @Override
  protected String bytes(String hex) {
    return "'\\x" + hex + "'::bytea";
  }

  @Override
  protected JobStores stores(int process) {
    return new PostgresStores(
        url, id -> owner(id, process), Duration.ofSeconds(30), () -> Instant.ofEpochMilli(NOW));
  }
}
