package io.clutch.durable.internal.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.Iterables;
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
import java.util.ArrayList;
import java.util.Arrays;
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
  protected int sql(String statement) throws SQLException {
    try (Connection connection = connect();
        Statement running = connection.createStatement()) {
      return running.executeUpdate(statement);
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
    for (String function : Arrays.asList(null, "f")) {
      assertThat(plan(SqliteReader.list(RowState.SCHEDULED, function)))
          .contains("INDEX clutch_job_scheduled")
          .doesNotContain("B-TREE");
      assertThat(plan(SqliteReader.list(RowState.DONE, function)))
          .contains("INDEX clutch_job_done")
          .doesNotContain("B-TREE");
      assertThat(plan(SqliteReader.list(RowState.DEAD, function)))
          .contains("clutch_job_set_aside (state=?)")
          .doesNotContain("B-TREE");
    }
    assertThat(plan(SqliteReader.list(RowState.STARTED, null))).contains("clutch_job_owner");
    assertThat(plan(SqliteReader.list(RowState.STARTED, "f"))).contains("clutch_job_owner");
  }

  @Test
  void listsReadNeitherArgumentsNorResults() {
    for (RowState state : RowState.values()) {
      assertThat(SqliteReader.list(state, "f")).doesNotContain("payload", "result", "*");
    }
  }

  @Test
  void listOfAFunctionReadsNoRowsOfOthers() throws Exception {
    for (RowState state : List.of(RowState.SCHEDULED, RowState.DONE, RowState.DEAD)) {
      List<String> program = program(SqliteReader.list(state, "f"));
      int seek = Iterables.indexOf(program, step -> step.startsWith("DeferredSeek"));

      // What is compared comes from the index; its row is sought when something else is wanted.
      assertThat(program.get(seek + 1))
          .isEqualTo(program.get(seek).replace("DeferredSeek", "Column"));
      assertThat(program.get(seek + 2)).startsWith("Ne ");
    }
  }

  /** What SQLite's machine does, step by step, each with its first operand. */
  private List<String> program(String sql) throws SQLException {
    List<String> program = new ArrayList<>();
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet steps = statement.executeQuery("EXPLAIN " + sql)) {
      while (steps.next()) {
        program.add(steps.getString("opcode") + " " + steps.getInt("p1"));
      }
    }
    return program;
  }

  @Test
  void whatLooksAfterEndedJobsUsesTheirIndexes() throws Exception {
    for (RowState state : RowState.values()) {
      if (state.isEnded()) {
        String index =
            state == RowState.DONE
                ? "clutch_job_done (due_at<?)"
                : "clutch_job_set_aside (state=? AND due_at<?)";
        assertThat(plan(KnownJobs.forget(state)))
            .contains("COVERING INDEX " + index)
            .doesNotContain("B-TREE");
        assertThat(plan(SqliteReader.hasForgettable(state))).contains("COVERING INDEX " + index);
        assertThat(plan(SqliteReader.count(KnownJobs.in(state))))
            .contains("COVERING INDEX " + index.substring(0, index.indexOf(' ')));
      }
    }
    assertThat(plan(KnownJobs.NEXT_DUE)).contains("COVERING INDEX clutch_job_scheduled");
    assertThat(plan(SqliteReader.STOPS_ASKED)).contains("clutch_job_stops");
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
