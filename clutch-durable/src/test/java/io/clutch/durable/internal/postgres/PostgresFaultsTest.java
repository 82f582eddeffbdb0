package io.clutch.durable.internal.postgres;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Iterables;
import io.clutch.durable.internal.postgres.CutProxy.Cut;
import io.clutch.durable.internal.record.JobStory;
import io.clutch.durable.internal.store.Change;
import io.clutch.durable.internal.store.Changes;
import io.clutch.durable.internal.store.JobStore;
import io.clutch.durable.internal.store.JobStoreContract;
import io.clutch.durable.internal.store.JobStores;
import io.clutch.durable.internal.store.NewRow;
import io.clutch.durable.internal.store.RowState;
import io.clutch.durable.internal.store.Start;
import io.clutch.durable.internal.store.StoreException;
import io.clutch.durable.internal.store.StoreException.Effect;
import io.clutch.durable.internal.store.TakenJob;
import io.clutch.durable.internal.store.Written;
import io.clutch.worker.jobs.AcceptedJob;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What happens to a store when something happens to its database. */
final class PostgresFaultsTest extends JobStoreContract {

  private static final String KILL_ALL =
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
          + " WHERE application_name = 'clutch' AND datname = current_database()";

  private final TestPostgres server = TestPostgres.shared();
  private final String url = newDatabase();

  private String newDatabase() {
    try {
      return server.newDatabase();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
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
    return "'\\x" + hex + "'::bytea";
  }

  @Override
  protected JobStores stores(int process) {
    return stores(url, process, Duration.ofSeconds(30));
  }

  private static PostgresStores stores(String url, int process, Duration lease) {
    return new PostgresStores(
        url, id -> owner(id, process), lease, () -> Instant.ofEpochMilli(NOW));
  }

  private Connection connect() throws SQLException {
    return PostgresUrl.parse(url).database().getConnection();
  }

  @Test
  void connectionsThatAreCutAreMadeAnew() throws Exception {
    List<AcceptedJob> unused = accept(store, row("a", "f"));
    try (Connection connection = connect()) {
      for (int i = 0; i < 5; i++) {
        Transactions.run(
            connection, KILL_ALL.replace("WHERE", "WHERE pid <> pg_backend_pid() AND"));
        assertThat(accept(store, row("b" + i, "f")))
            .containsExactly(new AcceptedJob("b" + i, false));
        assertThat(store.find("b" + i)).isPresent();
      }
    }
  }

  @Test
  void lockOfSomebodyElseIsGivenUpAndLeavesNothing() throws Exception {
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      Transactions.run(connection, "LOCK TABLE clutch_job IN ACCESS EXCLUSIVE MODE");

      StoreException failure =
          catchThrowableOfType(StoreException.class, () -> accept(store, row("a", "f")));

      assertThat(failure.effect()).isEqualTo(Effect.NOTHING);
      connection.rollback();
    }
    assertThat(store.find("a")).isEmpty();
    assertThat(accept(store, row("a", "f"))).containsExactly(new AcceptedJob("a", false));
  }

  @Test
  void jobThatAnotherProcessIsAboutToTakeIsPassedOver() throws Exception {
    List<AcceptedJob> unused = accept(store, row("a", "f"), row("b", "f"), row("c", "f"));
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      Transactions.run(
          connection, "SELECT 1 FROM clutch_job WHERE job_id IN ('a', 'b') FOR UPDATE");

      assertThat(take(store, 1)).extracting(TakenJob::jobId).containsExactly("c");

      connection.rollback();
    }
    assertThat(take(store, 5)).extracting(TakenJob::jobId).containsExactly("a", "b");
  }

  @Test
  void jobThatIsDueButLockedIsLookedAtALittleLater() throws Exception {
    List<AcceptedJob> unused =
        accept(
            store,
            new NewRow(
                "a", row("a", "f").record(), row("a", "f").payload(), Start.after(NOW, 1), false));
    try (Connection connection = connect()) {
      connection.setAutoCommit(false);
      Transactions.run(connection, "SELECT 1 FROM clutch_job WHERE job_id = 'a' FOR UPDATE");

      assertThat(store.promote(NOW + 10)).isGreaterThan(NOW + 10);

      connection.rollback();
    }
    assertThat(store.promote(NOW + 10)).isEqualTo(Long.MAX_VALUE);
    assertThat(found("a").state()).isEqualTo(RowState.PENDING);
  }

  private CutProxy proxy() throws Exception {
    return new CutProxy(server.port());
  }

  private JobStore through(CutProxy proxy) throws Exception {
    String port = ":" + server.port() + "/";
    return stores(url.replace(port, ":" + proxy.port() + "/"), 77, Duration.ofSeconds(30))
        .open(false);
  }

  private static Changes acceptAndTake() {
    return new Changes(
        List.of(row("new", "f").take(), row("waits", "f")), List.of(), 5, ImmutableSet.of("f"));
  }

  @Test
  void cutAfterACommitIsNotKnownToHaveHappenedAndWhatItTookIsGivenBack() throws Exception {
    try (CutProxy proxy = proxy();
        JobStore cut = through(proxy)) {
      proxy.cut(Cut.AFTER_COMMIT);

      StoreException failure =
          catchThrowableOfType(StoreException.class, () -> cut.write(acceptAndTake()));

      assertThat(failure.effect()).isEqualTo(Effect.UNKNOWN);
      await()
          .atMost(30, SECONDS)
          .untilAsserted(() -> assertThat(found("waits").state()).isEqualTo(RowState.STARTED));
      assertThat(accept(cut, row("new", "f"))).containsExactly(new AcceptedJob("new", true));
      assertThat(found("new").state()).isEqualTo(RowState.PENDING);
      assertThat(found("new").attempts()).isZero();
      assertThat(take(store, 5)).extracting(TakenJob::jobId).containsExactly("new", "waits");
    }
  }

  @Test
  void cutBeforeACommitIsNotKnownEitherAndTheNextTryIsTheOnlyOne() throws Exception {
    try (CutProxy proxy = proxy();
        JobStore cut = through(proxy)) {
      proxy.cut(Cut.BEFORE_COMMIT);

      StoreException failure =
          catchThrowableOfType(StoreException.class, () -> cut.write(acceptAndTake()));

      assertThat(failure.effect()).isEqualTo(Effect.UNKNOWN);
      Written written = cut.write(acceptAndTake());
      assertThat(written.accepted()).noneMatch(AcceptedJob::existed);
      assertThat(written.taken()).extracting(TakenJob::jobId).containsExactly("new", "waits");
    }
  }

  @Test
  void failedAttemptCountsOnceWhateverBecameOfTheCommit() throws Exception {
    for (Cut when : List.of(Cut.BEFORE_COMMIT, Cut.AFTER_COMMIT)) {
      try (CutProxy proxy = proxy();
          JobStore cut = through(proxy)) {
        String id = when == Cut.BEFORE_COMMIT ? "before" : "after";
        List<AcceptedJob> unused = accept(cut, row(id, "f"));
        TakenJob job = Iterables.getOnlyElement(take(cut, 1));
        Changes changes =
            new Changes(
                List.of(),
                List.of(new Change.Again(job.seq(), 1, Start.NOW, JobStory.getDefaultInstance())),
                1,
                ImmutableSet.of("f"));
        proxy.cut(when);
        StoreException failure =
            catchThrowableOfType(StoreException.class, () -> cut.write(changes));
        assertThat(failure.effect()).isEqualTo(Effect.UNKNOWN);

        Written written = cut.write(changes);

        assertThat(Iterables.getOnlyElement(written.taken()).attempts()).isEqualTo(1);
        assertThat(found(id).attempts()).isEqualTo(2);
        change(cut, end(Iterables.getOnlyElement(written.taken()), RowState.DONE));
      }
    }
  }

  @Test
  void whatIsInDoubtIsGivenBackByTheNextBeat() throws Exception {
    try (CutProxy proxy = proxy();
        JobStore cut = through(proxy)) {
      proxy.cut(Cut.AFTER_COMMIT);
      assertThatThrownBy(() -> cut.write(acceptAndTake())).isInstanceOf(StoreException.class);
      await()
          .atMost(30, SECONDS)
          .untilAsserted(() -> assertThat(found("new").state()).isEqualTo(RowState.STARTED));

      assertThat(cut.beat()).isTrue();

      assertThat(found("new").state()).isEqualTo(RowState.PENDING);
      assertThat(found("waits").state()).isEqualTo(RowState.PENDING);
    }
  }

  @Test
  void processThatWasTakenForDeadTakesNothingAndHearsOfIt() throws Exception {
    JobStore silent = open();
    List<AcceptedJob> unused = accept(store, row("a", "f"), row("b", "f"));
    TakenJob job = start(silent);
    var dead = Iterables.getOnlyElement(store.others());
    assertThat(store.bury(dead, (taken, started) -> new Change.HandBack(taken.seq()))).contains(1);

    assertThatThrownBy(() -> take(silent, 1))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("taken this one for dead");

    assertThat(silent.beat()).isFalse();
    change(silent, end(job, RowState.DONE));
    assertThat(take(store, 5)).extracting(TakenJob::jobId).containsExactly("a", "b");
  }

  @Test
  void processThatHasBeatenSinceItWasSeenIsNotBuried() throws Exception {
    JobStore other = open();
    var seen = Iterables.getOnlyElement(store.others());

    assertThat(other.beat()).isTrue();

    assertThat(store.bury(seen, (job, started) -> new Change.HandBack(job.seq()))).isEmpty();
    assertThat(store.others()).hasSize(1);
  }

  @Test
  void silentProcessIsDeadWithinItsLease() throws Exception {
    Duration lease = Duration.ofSeconds(3);
    try (JobStore watching = stores(url, 50, lease).open(false);
        JobStore living = stores(url, 51, lease).open(false)) {
      long seq = store.self().id();
      await()
          .atMost(60, SECONDS)
          .pollInterval(Duration.ofMillis(100))
          .until(
              () -> {
                assertThat(living.beat()).isTrue();
                List<Long> dead = new ArrayList<>();
                for (var other : watching.others()) {
                  if (watching.isDead(other)) {
                    dead.add(other.id());
                  }
                }
                assertThat(dead).doesNotContain(living.self().id());
                return dead.contains(seq);
              });
    }
  }

  @Test
  void manyProcessesOpenANewDatabaseAtOnce() throws Exception {
    String fresh = server.newDatabase();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<Future<JobStore>> stores = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      int process = i;
      stores.add(threads.submit(() -> stores(fresh, process, Duration.ofSeconds(30)).open(false)));
    }
    for (Future<JobStore> one : stores) {
      JobStore opened = one.get(120, TimeUnit.SECONDS);
      opened.close();
    }
    threads.shutdown();
  }

  @Test
  void newerSchemaIsRefused() throws Exception {
    try (Connection connection = connect()) {
      Transactions.run(
          connection,
          "INSERT INTO clutch_schema_history (installed_rank, version, description, type, script,"
              + " installed_by, execution_time, success)"
              + " VALUES (99, '99', 'later', 'SQL', 'V99', 'x', 0, true)");
    }

    assertThatThrownBy(this::open)
        .isInstanceOf(StoreException.class)
        .hasMessage(
            "the store was written by a newer version of Clutch: its schema is 99, the newest known"
                + " here 1");
  }

  @Test
  void databaseThatCannotBeReachedIsNoReasonToDie() {
    PostgresStores nowhere =
        stores("postgresql://u:secret@localhost:1/x", 1, Duration.ofSeconds(30));

    StoreException failure = catchThrowableOfType(StoreException.class, () -> nowhere.open(false));

    assertThat(failure.effect()).isEqualTo(Effect.NOTHING);
    assertThat(failure).hasMessageContaining("localhost:1").hasMessageNotContaining("secret");
  }

  @Test
  void backlogOfOtherFunctionsIsNotReadToTakeFromIt() throws Exception {
    try (Connection connection = connect()) {
      // What the planner knows of the table is from before, as in a rush.
      Transactions.run(connection, "ALTER TABLE clutch_job SET (autovacuum_enabled = false)");
      Transactions.run(connection, "ANALYZE clutch_job");
      Transactions.run(
          connection,
          "INSERT INTO clutch_job (job_id, function, priority, state, attempts, record)"
              + " SELECT 'other-' || i, 'other', i % 3, 0, 0, ''"
              + " FROM generate_series(1, 50000) AS i");
    }
    List<AcceptedJob> unused = accept(store, row("a", "f"));

    for (int i = 0; i < 2; i++) {
      try (Transactions transactions = new Transactions(PostgresUrl.parse(url))) {
        String plan = transactions.read(connection -> explain(connection, PendingJobs.HEADS));
        assertThat(plan)
            .contains("clutch_job_pending")
            .doesNotContain("Seq Scan", "Bitmap", "Index Scan using clutch_job_pkey");
      }
      assertThat(take(store, 1)).hasSize(1 - i);
      try (Connection connection = connect()) {
        Transactions.run(connection, "ANALYZE clutch_job");
      }
    }
  }

  @Test
  void listsAndCountsDoNotReadTheWholeTable() throws Exception {
    try (Connection connection = connect()) {
      Transactions.run(
          connection,
          "INSERT INTO clutch_job (job_id, function, priority, state, attempts, due_at, record)"
              + " SELECT 'job-' || i, 'f' || i % 7, 1, (ARRAY[1,4,4,4,4,4,4,4,5,7])[i % 10 + 1], 0,"
              + " i, convert_to(repeat('r', 300), 'UTF8') FROM generate_series(1, 50000) AS i");
      Transactions.run(connection, "VACUUM ANALYZE clutch_job");
      for (RowState state : RowState.values()) {
        String index = indexOf(state);
        if (index == null) {
          continue;
        }
        for (boolean ofOneFunction : List.of(false, true)) {
          assertThat(explain(connection, PostgresReader.list(state, ofOneFunction)))
              .contains("Index Scan", "using " + index)
              .doesNotContain("Seq Scan on clutch_job", "Filter: (function");
        }
        if (state.isEnded()) {
          assertThat(explain(connection, KnownJobs.FORGETTABLE.formatted(KnownJobs.in(state))))
              .contains("Index Scan using " + index)
              .doesNotContain("Sort");
        }
      }
      assertThat(explain(connection, KnownJobs.HAS_FORGETTABLE))
          .contains("clutch_job_done", "clutch_job_set_aside")
          .doesNotContain("Seq Scan");
      // Of narrow rows, or of nearly all, the table is counted for good reason.
      Transactions.run(connection, "SET enable_seqscan = off; SET enable_bitmapscan = off");
      for (RowState state : List.of(RowState.DONE, RowState.DEAD)) {
        assertThat(explain(connection, PostgresReader.count(KnownJobs.in(state))))
            .contains("Index Only Scan using " + indexOf(state));
      }
    }
  }

  private static @Nullable String indexOf(RowState state) {
    return switch (state) {
      case SCHEDULED -> "clutch_job_scheduled";
      case DONE -> "clutch_job_done";
      case DEAD, CANCELLED, EXPIRED -> "clutch_job_set_aside";
      default -> null;
    };
  }

  private static String explain(Connection connection, String sql) throws SQLException {
    StringBuilder plan = new StringBuilder();
    try (var query =
        connection.prepareStatement(
            "EXPLAIN "
                + sql.replace("?::text[]", "'{f,g}'::text[]")
                    .replace("function = ?", "function = 'f'")
                    .replace("?", "10"))) {
      try (var lines = query.executeQuery()) {
        while (lines.next()) {
          plan.append(lines.getString(1)).append('\n');
        }
      }
    }
    return plan.toString();
  }

  @Test
  void storeOutlivesARestartOfItsServer() throws Exception {
    try (TestPostgres own = TestPostgres.own()) {
      JobStore outliving = stores(own.newDatabase(), 9, Duration.ofSeconds(30)).open(false);
      List<AcceptedJob> unused = accept(outliving, row("a", "f"), row("b", "f"));
      TakenJob job = start(outliving);

      own.stop();
      StoreException failure =
          catchThrowableOfType(StoreException.class, () -> accept(outliving, row("c", "f")));
      assertThat(failure.effect()).isEqualTo(Effect.NOTHING);
      own.startAgain();

      await()
          .atMost(60, SECONDS)
          .ignoreExceptions()
          .untilAsserted(() -> assertThat(outliving.beat()).isTrue());
      change(outliving, end(job, RowState.DONE));
      assertThat(outliving.find("a").orElseThrow().state()).isEqualTo(RowState.DONE);
      assertThat(accept(outliving, row("c", "f"))).containsExactly(new AcceptedJob("c", false));
      outliving.close();
    }
  }
}
