package io.clutch.durable.internal.engine;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Sets;
import io.clutch.durable.internal.sqlite.SqliteStores;
import io.clutch.durable.internal.store.Changes;
import io.clutch.durable.internal.store.JobStore;
import io.clutch.durable.internal.store.JobStores;
import io.clutch.durable.internal.store.Owner;
import io.clutch.durable.internal.store.StoreException;
import io.clutch.durable.internal.store.StoreException.Effect;
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
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of jobs when a store fails in the middle of a round: a real one, with faults. */
@Timeout(300)
class JobLoopTest {

  @TempDir private Path folder;

  /** Which writes fail. */
  private final AtomicReference<Predicate<Changes>> failing = new AtomicReference<>(all -> false);

  private final AtomicReference<@Nullable StoreException> syncFault = new AtomicReference<>();
  private final AtomicInteger failures = new AtomicInteger();
  private final List<String> ran = new CopyOnWriteArrayList<>();
  private final CountDownLatch go = new CountDownLatch(1);

  private final FakePlaces places =
      new FakePlaces(
          2,
          (job, attempt, outcome) -> {
            if (job.function().equals("waits")) {
              go.await();
            }
            ran.add(job.options().getJobId() + "/" + attempt);
            return Payload.getDefaultInstance();
          },
          "f",
          "waits");

  private JobEngine engine;

  @BeforeEach
  void start() throws IOException {
    SqliteStores real =
        new SqliteStores(
            folder,
            id -> new Owner(id, "here", "", 0, 0, ProcessHandle.current().pid(), 0),
            InstantSource.system());
    engine = new JobEngine(withFaults(real), places, Duration.ofHours(1), InstantSource.system());
    places.onFree(engine::placeFree);
    engine.start();
  }

  @AfterEach
  void stop() {
    failing.set(all -> false);
    syncFault.set(null);
    go.countDown();
    engine.close();
    places.close();
  }

  @Test
  void aJobThatIsThereIsAcceptedThoughWhatBecameOfItCannotBeWritten() throws Exception {
    failing.set(all -> !all.changes().isEmpty());

    accept("a", "f", "");
    await().atMost(60, SECONDS).until(() -> failures.get() > 0);
    assertRefused(engine.accept(job("b", "f", "")), Started.NO);
    failing.set(all -> false);

    awaitState("a", Job.State.DONE);
    acceptAtLast("b");
    awaitState("b", Job.State.DONE);
    assertThat(ran).containsExactly("a/1", "b/1");
  }

  @Test
  void whatCannotBeWrittenIsRefusedAndTriedAgainWithoutHaste() throws Exception {
    accept("a", "waits", "");
    accept("later", "f", "");
    awaitState("later", Job.State.DONE);
    failing.set(all -> true);
    // Something that others would be told of.
    CompletableFuture<AcceptedJob> refused = engine.accept(job("b", "g", ""));
    assertRefused(refused, Started.NO);
    go.countDown();
    await().atMost(60, SECONDS).until(() -> ran.contains("a/1"));

    int before = failures.get();
    long began = System.nanoTime();
    Thread.sleep(2_000);
    double seconds = (System.nanoTime() - began) / 1e9;

    assertThat((failures.get() - before) / seconds).as("tries a second").isLessThan(20);
    failing.set(all -> false);
    awaitState("a", Job.State.DONE);
  }

  @Test
  void aJobThatHasEndedKeepsNoOtherOneOutThoughThatCouldNotBeWritten() throws Exception {
    accept("first", "waits", "key");
    failing.set(all -> !all.changes().isEmpty());
    go.countDown();
    await().atMost(60, SECONDS).until(() -> ran.contains("first/1") && failures.get() > 0);
    failing.set(all -> false);

    AcceptedJob second =
        await()
            .atMost(60, SECONDS)
            .ignoreException(ExecutionException.class)
            .until(() -> engine.accept(job("second", "f", "key")).get(60, SECONDS), job -> true);

    assertThat(second.jobId()).isEqualTo("second");
    awaitState("second", Job.State.DONE);
  }

  @Test
  void aJobThatHasJustEndedKeepsNoOtherOneOut() throws Exception {
    for (int i = 0; i < 50; i++) {
      String id = "job" + i;
      AcceptedJob accepted = engine.accept(job(id, "f", "key")).get(60, SECONDS);
      assertThat(accepted).isEqualTo(new AcceptedJob(id, false));
      // That this is in the store is not waited for.
      int ended = i + 1;
      await()
          .atMost(60, SECONDS)
          .pollInterval(Duration.ofMillis(1))
          .until(() -> places.outcomes.get() == ended);
    }
  }

  @Test
  void whileThereIsNoStoreTheThreadRests() throws Exception {
    try (FakePlaces none = new FakePlaces(1, (job, attempt, outcome) -> null, "f")) {
      Set<Long> before = threads();
      JobEngine without =
          new JobEngine(noStores(), none, Duration.ofHours(1), InstantSource.system());
      without.start();
      long loop =
          Sets.difference(threads(), before).stream()
              .filter(JobLoopTest::isLoop)
              .findAny()
              .orElseThrow();
      ThreadMXBean times = ManagementFactory.getThreadMXBean();
      long cpu = times.getThreadCpuTime(loop);
      // Long enough for what it does each second to be due.
      Thread.sleep(2_500);
      cpu = times.getThreadCpuTime(loop) - cpu;
      without.close();

      assertThat(Duration.ofNanos(cpu)).isLessThan(Duration.ofSeconds(1));
    }
  }

  private static Set<Long> threads() {
    return Arrays.stream(ManagementFactory.getThreadMXBean().getAllThreadIds())
        .boxed()
        .collect(Collectors.toSet());
  }

  private static boolean isLoop(long id) {
    ThreadInfo info = ManagementFactory.getThreadMXBean().getThreadInfo(id);
    return info != null && info.getThreadName().equals("clutch-jobs");
  }

  private static JobStores noStores() {
    return new JobStores() {
      @Override
      public JobStore open(boolean wasDamaged) throws StoreException {
        throw new StoreException("there is none", Effect.NOTHING, new IOException());
      }

      @Override
      public String name() {
        return "none";
      }
    };
  }

  @Test
  void whereTheDiskFailsItIsUnknownWhetherAJobIsAccepted() throws Exception {
    accept("warm", "f", "");
    syncFault.set(new StoreException("the disk", Effect.UNKNOWN, new IOException()));

    assertRefused(engine.accept(job("a", "f", "")), Started.UNKNOWN);
    syncFault.set(null);

    acceptAtLast("b");
    awaitState("a", Job.State.DONE);
  }

  @Test
  void othersAreNotToldOfJobsThatAreTakenHereInTheSameRound() throws Exception {
    accept("warm", "f", "");
    awaitState("warm", Job.State.DONE);
    int before = places.waitTold.get();

    for (int i = 0; i < 20; i++) {
      engine.jobsWait();
      accept("job" + i, "f", "");
      awaitState("job" + i, Job.State.DONE);
    }

    assertThat(places.waitTold).hasValue(before);
  }

  /** Sends it until it is accepted. */
  private void acceptAtLast(String id) {
    await()
        .atMost(60, SECONDS)
        .ignoreException(ExecutionException.class)
        .until(() -> engine.accept(job(id, "f", "")).get(60, SECONDS).jobId().equals(id));
  }

  private void accept(String id, String function, String key) throws Exception {
    assertThat(engine.accept(job(id, function, key)).get(60, SECONDS).existed()).isFalse();
  }

  private static void assertRefused(CompletableFuture<AcceptedJob> job, Started started) {
    assertThatThrownBy(() -> job.get(60, SECONDS))
        .cause()
        .isInstanceOfSatisfying(
            ClutchException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.STORE_UNAVAILABLE);
              assertThat(e.started()).isEqualTo(started);
            });
  }

  private void awaitState(String id, Job.State state) {
    await()
        .atMost(60, SECONDS)
        .pollInterval(Duration.ofMillis(2))
        .ignoreException(ExecutionException.class)
        .until(() -> engine.job(id, false).get(60, SECONDS).getState() == state);
  }

  private static NewJob job(String id, String function, String key) {
    return new NewJob(
        function,
        Payload.getDefaultInstance(),
        "",
        ImmutableList.of(),
        Origin.getDefaultInstance(),
        JobOptions.newBuilder().setJobId(id).setUniqueKey(key).build());
  }

  private JobStores withFaults(JobStores real) {
    return new JobStores() {
      @Override
      public JobStore open(boolean wasDamaged) throws StoreException {
        return withFaults(real.open(wasDamaged));
      }

      @Override
      public String name() {
        return real.name();
      }

      @Override
      public void close() {
        real.close();
      }
    };
  }

  private JobStore withFaults(JobStore real) {
    return (JobStore)
        Proxy.newProxyInstance(
            JobStore.class.getClassLoader(),
            new Class<?>[] {JobStore.class},
            (proxy, method, arguments) -> {
              StoreException noSync = syncFault.get();
              if (method.getName().equals("sync") && noSync != null) {
                throw noSync;
              }
              if (method.getName().equals("write") && failing.get().test((Changes) arguments[0])) {
                failures.incrementAndGet();
                throw new StoreException("a fault", Effect.NOTHING, new IOException("a fault"));
              }
              try {
                return method.invoke(real, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
