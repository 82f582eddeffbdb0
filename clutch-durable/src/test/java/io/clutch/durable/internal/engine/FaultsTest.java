package io.clutch.durable.internal.engine;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.collect.ImmutableList;
import io.clutch.durable.internal.engine.PhaseProgram.Phase;
import io.clutch.durable.internal.sqlite.SqliteStores;
import io.clutch.durable.internal.store.Owner;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.v1.Job;
import io.clutch.v1.JobOptions;
import io.clutch.v1.Origin;
import io.clutch.v1.Payload;
import io.clutch.worker.jobs.AcceptedJob;
import io.clutch.worker.jobs.NewJob;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What goes wrong with a store on SQLite and its processes. */
final class FaultsTest {

  @TempDir Path folder;

  private final List<String> ran = Collections.synchronizedList(new ArrayList<>());
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  private JobEngine engine(Path store, FakePlaces.Body body) throws IOException {
    FakePlaces places = new FakePlaces(1, body, "f");
    open.add(places);
    SqliteStores stores =
        new SqliteStores(
            store,
            id -> new Owner(id, "here", "", 0, 0, ProcessHandle.current().pid(), 0),
            InstantSource.system());
    JobEngine engine = new JobEngine(stores, places, Duration.ofHours(1), InstantSource.system());
    places.onFree(engine::placeFree);
    open.add(engine);
    engine.start();
    return engine;
  }

  private FakePlaces.Body noting() {
    return (job, attempt, outcome) -> {
      ran.add(job.options().getJobId() + "/" + attempt);
      return Payload.getDefaultInstance();
    };
  }

  private static NewJob job(String id, int size) {
    return new NewJob(
        "f",
        Payload.newBuilder().setJson("\"" + "x".repeat(size) + "\"").build(),
        "",
        ImmutableList.of(),
        Origin.getDefaultInstance(),
        JobOptions.newBuilder().setJobId(id).build());
  }

  private static AcceptedJob accept(JobEngine engine, String id, int size) throws Exception {
    try {
      return engine.accept(job(id, size)).get(60, SECONDS);
    } catch (ExecutionException e) {
      throw (ClutchException) e.getCause();
    }
  }

  private static void awaitAccepted(JobEngine engine, String id) {
    await()
        .atMost(60, SECONDS)
        .ignoreException(ClutchException.class)
        .until(() -> accept(engine, id, 1) != null);
  }

  private static Job awaitState(JobEngine engine, String id, Job.State state) {
    return await()
        .atMost(60, SECONDS)
        .ignoreException(ExecutionException.class)
        .until(() -> engine.job(id, false).get(60, SECONDS), job -> job.getState() == state);
  }

  private static void assertRefused(JobEngine engine, String id, int size) {
    assertThatThrownBy(() -> accept(engine, id, size))
        .isInstanceOfSatisfying(
            ClutchException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.STORE_UNAVAILABLE);
              assertThat(e.started()).isEqualTo(Started.NO);
            });
  }

  @ParameterizedTest
  @EnumSource(Phase.class)
  void aProcessMayDieAtAnyMoment(Phase phase) throws Exception {
    Path store = folder.resolve("store");
    Path lines = folder.resolve("lines");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                PhaseProgram.class.getName(),
                store.toString(),
                lines.toString(),
                phase.name())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isEqualTo(PhaseProgram.EXIT_CODE);

    JobEngine engine = engine(store, noting());
    // Whoever got no answer says it again, with the same id.
    awaitAccepted(engine, "a");
    Job done = awaitState(engine, "a", Job.State.DONE);

    List<String> before = Files.exists(lines) ? Files.readAllLines(lines) : List.of();
    boolean hadStarted =
        phase == Phase.WHILE_IT_RUNS || phase == Phase.AFTER_THE_RUN_BEFORE_ITS_COMMIT;
    assertThat(before).hasSize(hadStarted ? 1 : 0);
    assertThat(ran).containsExactly(hadStarted ? "a/2" : "a/1");
    assertThat(done.getAttempts()).isEqualTo(hadStarted ? 2 : 1);
    if (phase == Phase.BEFORE_THE_COMMIT || phase == Phase.AFTER_THE_COMMIT_BEFORE_THE_ANSWER) {
      assertThat(told.lines()).doesNotContain("accepted");
    }
  }

  @Test
  void aFullDiskRefusesAndLosesNothing() throws Exception {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    assumeTrue(
        mount(disk), "no file system of its own can be mounted here: a full disk cannot be tried");
    try {
      CountDownLatch go = new CountDownLatch(1);
      JobEngine engine =
          engine(
              disk.resolve("store"),
              (job, attempt, outcome) -> {
                go.await();
                return noting().run(job, attempt, outcome);
              });
      awaitAccepted(engine, "first");
      int accepted = 0;
      while (true) {
        try {
          accept(engine, "job" + accepted, 20_000);
          accepted++;
        } catch (ClutchException e) {
          assertThat(e.reason()).isEqualTo(Reason.STORE_UNAVAILABLE);
          break;
        }
      }
      assertThat(accepted).isPositive();
      assertRefused(engine, "too much", 2_000_000);
      // What runs ends, though that cannot be written.
      go.countDown();
      await().atMost(60, SECONDS).until(() -> !ran.isEmpty());

      assertThat(run("mount", "-o", "remount,size=64m", disk.toString())).isZero();
      awaitAccepted(engine, "afterwards");
      awaitState(engine, "afterwards", Job.State.DONE);
      int all = accepted + 2;
      await().atMost(60, SECONDS).until(() -> ran.size() >= all);
      assertThat(ran).hasSize(all).doesNotHaveDuplicates();
    } finally {
      close();
      open.clear();
      // Lazily: the file that is mapped into memory is only let go by a garbage collection.
      assertThat(run("umount", "--lazy", disk.toString())).isZero();
    }
  }

  private static boolean mount(Path disk) throws Exception {
    return Files.isExecutable(Path.of("/bin/mount"))
        && run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk.toString()) == 0;
  }

  private static int run(String... command) throws Exception {
    return new ProcessBuilder(command).inheritIO().start().waitFor();
  }

  @Test
  void damageThatIsFoundLaterIsSetAsideByAllOfThem() throws Exception {
    JobEngine first = engine(folder, noting());
    JobEngine second = engine(folder, noting());
    awaitAccepted(first, "a");
    for (int i = 0; i < 200; i++) {
      accept(second, "job" + i, 2_000);
    }
    await().atMost(60, SECONDS).until(() -> ran.size() >= 201);
    checkpoint();
    damage(folder.resolve("jobs.db"));
    // One that has seen no page of it yet.
    JobEngine third = engine(folder, noting());
    await()
        .atMost(120, SECONDS)
        .ignoreException(ClutchException.class)
        .until(
            () -> {
              accept(third, "b", 1);
              try (var files = Files.list(folder)) {
                return files.anyMatch(
                    file -> file.getFileName().toString().startsWith("jobs.db.damaged-"));
              }
            });
    awaitAccepted(third, "c");
    awaitState(third, "c", Job.State.DONE);
    awaitAccepted(first, "d");
    awaitState(second, "d", Job.State.DONE);
  }

  private void checkpoint() throws Exception {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("jobs.db"));
        Statement statement = connection.createStatement()) {
      boolean unused = statement.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    }
  }

  /** All pages but the first one, which says what is where. */
  private static void damage(Path database) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(database.toFile(), "rw")) {
      byte[] nonsense = new byte[(int) (file.length() - 16_384)];
      java.util.Arrays.fill(nonsense, (byte) 0x5a);
      file.seek(16_384);
      file.write(nonsense);
    }
  }

  @Test
  void aLockThatSomebodyElseHoldsIsWaitedForAndThenRefused() throws Exception {
    JobEngine engine = engine(folder, noting());
    awaitAccepted(engine, "a");
    awaitState(engine, "a", Job.State.DONE);
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("jobs.db"));
        Statement statement = connection.createStatement()) {
      var unused = statement.executeUpdate("BEGIN IMMEDIATE");
      assertRefused(engine, "b", 1);
      unused = statement.executeUpdate("ROLLBACK");
    }
    awaitAccepted(engine, "c");
    awaitState(engine, "c", Job.State.DONE);
    assertThat(ran).containsExactly("a/1", "c/1");
  }
}
