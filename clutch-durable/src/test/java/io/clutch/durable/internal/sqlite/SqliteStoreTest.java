package io.clutch.durable.internal.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.durable.internal.store.JobStoreContract;
import io.clutch.durable.internal.store.JobStores;
import io.clutch.durable.internal.store.RowState;
import io.clutch.durable.internal.store.Statements;
import io.clutch.durable.internal.store.StoreException;
import io.clutch.durable.internal.store.TakenJob;
import io.clutch.worker.jobs.AcceptedJob;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SqliteStoreTest extends JobStoreContract {

  @TempDir Path folder;

  @Override
  protected JobStores stores(int process) throws Exception {
    return new SqliteStores(folder, id -> owner(id, process), () -> Instant.ofEpochMilli(NOW));
  }

  @Override
  protected void sql(String statement) throws SQLException {
    try (Connection connection = connect();
        Statement running = connection.createStatement()) {
      int unused = running.executeUpdate(statement);
    }
  }

  @Override
  protected String bytes(String hex) {
    return "x'" + hex + "'";
  }

  private Connection connect() throws SQLException {
    return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("jobs.db"));
  }

  private String plan(String sql) throws SQLException {
    StringBuilder plan = new StringBuilder();
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet lines = statement.executeQuery("EXPLAIN QUERY PLAN " + sql)) {
      while (lines.next()) {
        plan.append(lines.getString("detail")).append('\n');
      }
    }
    return plan.toString();
  }

  @Test
  void listsDoNotReadTheWholeTable() throws Exception {
    assertThat(plan(SqliteReader.list(RowState.PENDING, null))).contains("clutch_job_pending");
    assertThat(plan(SqliteReader.list(RowState.PENDING, "f"))).contains("clutch_job_pending");
    assertThat(plan(SqliteReader.list(RowState.SCHEDULED, null))).contains("clutch_job_scheduled");
    assertThat(plan(SqliteReader.list(RowState.STARTED, null))).contains("clutch_job_owner");
    assertThat(plan(SqliteReader.list(RowState.STARTED, "f"))).contains("clutch_job_owner");
    assertThat(plan(SqliteReader.list(RowState.DONE, null)))
        .contains("clutch_job_ended (state=?)")
        .doesNotContain("B-TREE");
    assertThat(plan(SqliteReader.list(RowState.DONE, "f")))
        .contains("clutch_job_ended_function (state=? AND function=?)")
        .doesNotContain("B-TREE");
  }

  @Test
  void jobThatEndsWhileItIsLookedAtIsNotTakenForOneThatWaits() throws Exception {
    List<AcceptedJob> unused = accept(store, row("a", "f"));
    TakenJob job = start(store);
    SqliteReader.Marks marks =
        owner -> {
          try {
            change(store, end(job, RowState.DONE));
          } catch (StoreException e) {
            throw new IOException(e);
          }
          return Map.of();
        };

    try (Connection connection = connect()) {
      SqliteReader reader = new SqliteReader(marks, new Statements(connection), 0);

      assertThat(reader.find("a").orElseThrow().state()).isEqualTo(RowState.DONE);
    }
  }

  @Test
  void jobThatHasNotStartedIsOnlyTaken() throws Exception {
    List<AcceptedJob> unused = accept(store, row("a", "f"));
    assertThat(take(store, 1)).hasSize(1);

    assertThat(found("a").state()).isEqualTo(RowState.TAKEN);
    assertThat(found("a").attempts()).isZero();
  }

  @Test
  void longerDelaysAreFoundWithoutReadingAllThatAreScheduled() throws Exception {
    assertThat(plan(SqliteReader.HAS_LONGER_DELAYS)).contains("clutch_job_delayed");
  }
}
