package io.clutch.durable.internal.engine;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableList;
import io.clutch.durable.DurableStore;
import io.clutch.durable.internal.postgres.PostgresStores;
import io.clutch.durable.internal.postgres.TestPostgres;
import io.clutch.durable.internal.store.Owner;
import io.clutch.protocol.TimeSource;
import io.clutch.v1.Job;
import io.clutch.v1.JobOptions;
import io.clutch.v1.Origin;
import io.clutch.v1.Payload;
import io.clutch.worker.jobs.AcceptedJob;
import io.clutch.worker.jobs.JobKeeper;
import io.clutch.worker.jobs.JobKeeping;
import io.clutch.worker.jobs.NewJob;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Workers' jobs in a store on PostgreSQL. */
final class PostgresEngineTest {

  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  private JobEngine engine(String url, FakePlaces places) {
    open.add(places);
    JobEngine engine =
        new JobEngine(
            new PostgresStores(
                url,
                id -> new Owner(id, "here", "", 0, 1, open.size(), 0),
                Duration.ofSeconds(30),
                InstantSource.system()),
            places,
            Duration.ofHours(1),
            InstantSource.system());
    places.onFree(engine::placeFree);
    open.add(engine);
    engine.start();
    return engine;
  }

  private static void awaitOpen(JobEngine engine) {
    await()
        .atMost(60, SECONDS)
        .ignoreExceptions()
        .until(() -> engine.count().get(5, SECONDS).getCountsCount() > 0);
  }

  private static AcceptedJob accept(JobKeeper engine, String id) throws Exception {
    return engine
        .accept(
            new NewJob(
                "f",
                Payload.newBuilder().setJson("1").build(),
                "call",
                ImmutableList.of(),
                Origin.getDefaultInstance(),
                JobOptions.newBuilder().setJobId(id).build()))
        .get(30, SECONDS);
  }

  private static Job.State state(JobKeeper engine, String id) throws Exception {
    return engine.job(id, false).get(30, SECONDS).getState();
  }

  @Test
  void storeOfAWorkerIsChosenByItsName() throws Exception {
    String url = TestPostgres.shared().newDatabase();
    ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    open.add(timer::shutdownNow);
    FakePlaces places =
        new FakePlaces(1, (job, attempt, outcome) -> Payload.getDefaultInstance(), "f");
    open.add(places);

    JobKeeper keeper =
        new DurableStore()
            .open(
                new JobKeeping(
                    url,
                    Duration.ofSeconds(30),
                    Duration.ofHours(1),
                    new JobKeeping.Member("", 0, 1, ProcessHandle.current().pid()),
                    TimeSource.system(timer)),
                places);
    open.add(keeper);
    keeper.start();

    await()
        .atMost(60, SECONDS)
        .ignoreExceptions()
        .until(() -> !accept(keeper, "a").jobId().isEmpty());
    await()
        .atMost(60, SECONDS)
        .untilAsserted(() -> assertThat(state(keeper, "a")).isEqualTo(Job.State.DONE));
  }

  /** Every second it looks by itself; that this takes far less is the bell's doing. */
  @Test
  void processOnAnotherMachineIsWokenForWhatHasNoRoomHere() throws Exception {
    String url = TestPostgres.shared().newDatabase();
    CountDownLatch busy = new CountDownLatch(1);
    CountDownLatch enough = new CountDownLatch(1);
    JobEngine full =
        engine(
            url,
            new FakePlaces(
                1,
                (job, attempt, outcome) -> {
                  busy.countDown();
                  enough.await();
                  return Payload.getDefaultInstance();
                },
                "f"));
    awaitOpen(full);
    AcceptedJob unused = accept(full, "long");
    assertThat(busy.await(30, SECONDS)).isTrue();
    BlockingQueue<Long> ran = new LinkedBlockingQueue<>();
    JobEngine idle =
        engine(
            url,
            new FakePlaces(
                1,
                (job, attempt, outcome) -> {
                  ran.add(System.nanoTime());
                  return Payload.getDefaultInstance();
                },
                "f"));
    awaitOpen(idle);

    List<Long> millis = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      long began = System.nanoTime();
      unused = accept(full, "quick-" + i);
      Long at = ran.poll(30, SECONDS);
      assertThat(at).isNotNull();
      millis.add((at - began) / 1_000_000);
    }
    enough.countDown();

    Collections.sort(millis);
    assertThat(millis.get(10)).as("%s", millis).isLessThan(100);
  }

  @Test
  void jobsOutliveARestartOfTheServer() throws Exception {
    try (TestPostgres own = TestPostgres.own()) {
      Set<String> ran = ConcurrentHashMap.newKeySet();
      JobEngine engine =
          engine(
              own.newDatabase(),
              new FakePlaces(
                  4,
                  (job, attempt, outcome) -> {
                    ran.add(job.options().getJobId());
                    Thread.sleep(5);
                    return Payload.getDefaultInstance();
                  },
                  "f"));
      awaitOpen(engine);
      int accepted = 0;
      for (int i = 0; i < 100; i++) {
        AcceptedJob unused = accept(engine, "job-" + i);
        accepted++;
      }
      own.stop();
      own.startAgain();

      int all = accepted;
      await()
          .atMost(90, SECONDS)
          .ignoreExceptions()
          .untilAsserted(() -> assertThat(ran).hasSize(all));
      for (int i = 0; i < all; i++) {
        String id = "job-" + i;
        await()
            .atMost(60, SECONDS)
            .ignoreExceptions()
            .untilAsserted(() -> assertThat(state(engine, id)).isEqualTo(Job.State.DONE));
      }
      // The engine leaves its store before the server goes.
      engine.close();
    }
  }

  @Test
  void workerOfADatabaseThatComesLaterStartsThen() throws Exception {
    try (TestPostgres own = TestPostgres.own()) {
      String url = own.newDatabase();
      own.stop();
      JobEngine engine =
          engine(
              url, new FakePlaces(1, (job, attempt, outcome) -> Payload.getDefaultInstance(), "f"));

      own.startAgain();

      awaitOpen(engine);
      AcceptedJob unused = accept(engine, "a");
      await()
          .atMost(60, SECONDS)
          .untilAsserted(() -> assertThat(state(engine, "a")).isEqualTo(Job.State.DONE));
      engine.close();
    }
  }
}
