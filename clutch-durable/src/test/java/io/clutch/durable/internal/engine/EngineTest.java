package io.clutch.durable.internal.engine;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableList;
import com.google.protobuf.ByteString;
import io.clutch.durable.internal.sqlite.SqliteStores;
import io.clutch.durable.internal.store.Owner;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Durations;
import io.clutch.protocol.Reason;
import io.clutch.v1.Backoff;
import io.clutch.v1.Job;
import io.clutch.v1.JobOptions;
import io.clutch.v1.ListJobsRequest;
import io.clutch.v1.ListJobsResponse;
import io.clutch.v1.Origin;
import io.clutch.v1.Payload;
import io.clutch.worker.jobs.AcceptedJob;
import io.clutch.worker.jobs.JobWatch;
import io.clutch.worker.jobs.NewJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker's jobs in a store on SQLite. */
final class EngineTest {

  @TempDir Path folder;

  private final List<String> ran = Collections.synchronizedList(new ArrayList<>());
  private final List<AutoCloseable> open = new ArrayList<>();
  private final AtomicLong clockShift = new AtomicLong();
  private final InstantSource clock =
      () -> InstantSource.system().instant().plusMillis(clockShift.get());

  @AfterEach
  void close() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  private FakePlaces places(int concurrency, FakePlaces.Body body, String... functions) {
    FakePlaces places = new FakePlaces(concurrency, body, functions);
    open.add(places);
    return places;
  }

  private JobEngine engine(FakePlaces places) throws IOException {
    return engine(places, 0);
  }

  private JobEngine engine(FakePlaces places, int slot) throws IOException {
    SqliteStores stores =
        new SqliteStores(
            folder,
            id ->
                new Owner(
                    id, "here", slot == 0 ? "" : "pool", slot, 1, ProcessHandle.current().pid(), 0),
            clock);
    JobEngine engine = new JobEngine(stores, places, Duration.ofHours(1), clock);
    places.onFree(engine::placeFree);
    open.add(engine);
    engine.start();
    await()
        .atMost(60, SECONDS)
        .ignoreExceptions()
        .until(() -> get(engine.count()).getCountsCount() > 0);
    return engine;
  }

  private static NewJob job(String function, JobOptions.Builder options) {
    return new NewJob(
        function,
        Payload.newBuilder().setJson("1").build(),
        "call",
        ImmutableList.of(),
        Origin.getDefaultInstance(),
        options.build());
  }

  private static JobOptions.Builder options(String id) {
    return JobOptions.newBuilder().setJobId(id);
  }

  private FakePlaces.Body noting() {
    return (job, attempt, outcome) -> {
      ran.add(job.options().getJobId() + "/" + attempt);
      return Payload.newBuilder().setJson("\"" + job.options().getJobId() + "\"").build();
    };
  }

  private static <T> T get(CompletableFuture<T> future) {
    try {
      return future.get(60, SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ClutchException failure) {
        throw failure;
      }
      throw new AssertionError(e);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static Job awaitState(JobEngine engine, String id, Job.State state) {
    await()
        .atMost(60, SECONDS)
        .untilAsserted(() -> assertThat(get(engine.job(id, false)).getState()).isEqualTo(state));
    return get(engine.job(id, true));
  }

  @Test
  void runsWhatItHasAccepted() throws Exception {
    JobEngine engine = engine(places(2, noting(), "f"));
    AcceptedJob accepted = get(engine.accept(job("f", options("a"))));
    assertThat(accepted).isEqualTo(new AcceptedJob("a", false));
    Job done = awaitState(engine, "a", Job.State.DONE);
    assertThat(done.getAttempts()).isEqualTo(1);
    assertThat(done.getHasResult()).isFalse();
    assertThat(done.hasEndedAt()).isTrue();
    assertThat(ran).containsExactly("a/1");
  }

  @Test
  void showsJobsWithoutTheirArguments() throws Exception {
    JobEngine engine = engine(places(1, noting(), "f"));
    get(engine.accept(large("none", "a")));
    assertThat(get(engine.job("a", true)).getSerializedSize()).isLessThan(1_000);
    ListJobsResponse list = get(engine.jobs(ListJobsRequest.getDefaultInstance()));
    assertThat(list.getJobsList()).extracting(Job::getJobId).containsExactly("a");
    assertThat(list.getSerializedSize()).isLessThan(1_000);
  }

  private static NewJob large(String function, String id) {
    NewJob small = job(function, options(id));
    return new NewJob(
        small.function(),
        Payload.newBuilder().setData(ByteString.copyFrom(new byte[3 << 20])).build(),
        small.callId(),
        small.headers(),
        small.origin(),
        small.options());
  }

  @Test
  void runsAllJobsOfLargeArguments() throws Exception {
    JobEngine accepts = engine(places(1, noting(), "none"));
    int jobs = 14;
    for (int i = 0; i < jobs; i++) {
      get(accepts.accept(large("f", "job" + i)));
    }
    CountDownLatch allRun = new CountDownLatch(jobs);
    JobEngine runs =
        engine(
            places(
                jobs,
                (job, attempt, outcome) -> {
                  assertThat(job.payload().getData().size()).isEqualTo(3 << 20);
                  allRun.countDown();
                  allRun.await();
                  return noting().run(job, attempt, outcome);
                },
                "f"));
    for (int i = 0; i < jobs; i++) {
      awaitState(runs, "job" + i, Job.State.DONE);
    }
    assertThat(ran).hasSize(jobs).doesNotHaveDuplicates();
  }

  @Test
  void runsADeadJobAgainWithItsArgument() throws Exception {
    CountDownLatch works = new CountDownLatch(1);
    List<Payload> arguments = Collections.synchronizedList(new ArrayList<>());
    JobEngine engine =
        engine(
            places(
                1,
                (job, attempt, outcome) -> {
                  arguments.add(job.payload());
                  if (works.getCount() > 0) {
                    throw new IllegalStateException("no");
                  }
                  return Payload.getDefaultInstance();
                },
                "f"));
    get(engine.accept(job("f", options("a").setMaxAttempts(1))));
    awaitState(engine, "a", Job.State.DEAD);
    works.countDown();
    get(engine.retry("a"));
    awaitState(engine, "a", Job.State.DONE);
    Payload argument = job("f", options("a")).payload();
    assertThat(arguments).containsExactly(argument, argument);
  }

  @Test
  void makesAnIdWhereThereIsNone() throws Exception {
    JobEngine engine = engine(places(1, noting(), "f"));
    String id = get(engine.accept(job("f", JobOptions.newBuilder()))).jobId();
    assertThat(id).hasSize(36);
    awaitState(engine, id, Job.State.DONE);
  }

  @Test
  void keepsTheResultWhereThatIsAskedFor() throws Exception {
    JobEngine engine = engine(places(1, noting(), "f"));
    get(
        engine.accept(
            job("f", options("a").setKeepResult(Durations.toProto(Duration.ofHours(2))))));
    Job done = awaitState(engine, "a", Job.State.DONE);
    assertThat(done.getResult().getJson()).isEqualTo("\"a\"");
    assertThat(get(engine.job("a", false)).hasResult()).isFalse();
  }

  @Test
  void acceptsAnIdOnce() throws Exception {
    JobEngine engine = engine(places(1, noting(), "f"));
    get(engine.accept(job("f", options("a"))));
    assertThat(get(engine.accept(job("f", options("a"))))).isEqualTo(new AcceptedJob("a", true));
    awaitState(engine, "a", Job.State.DONE);
    assertThat(get(engine.accept(job("f", options("a"))))).isEqualTo(new AcceptedJob("a", true));
    get(engine.accept(job("f", options("b"))));
    awaitState(engine, "b", Job.State.DONE);
    assertThat(ran).containsExactly("a/1", "b/1");
  }

  @Test
  void acceptsOneUnfinishedJobOfAKey() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    JobEngine engine =
        engine(
            places(
                1,
                (job, attempt, outcome) -> {
                  go.await();
                  return Payload.getDefaultInstance();
                },
                "f"));
    get(engine.accept(job("f", options("a").setUniqueKey("k"))));
    assertThat(get(engine.accept(job("f", options("b").setUniqueKey("k")))))
        .isEqualTo(new AcceptedJob("a", true));
    go.countDown();
    awaitState(engine, "a", Job.State.DONE);
    assertThat(get(engine.accept(job("f", options("c").setUniqueKey("k")))))
        .isEqualTo(new AcceptedJob("c", false));
  }

  @Test
  void repeatsAfterAPauseUntilThereWereEnoughAttempts() throws Exception {
    JobEngine engine =
        engine(
            places(
                1,
                (job, attempt, outcome) -> {
                  ran.add("attempt " + attempt);
                  throw new IllegalStateException("no " + attempt);
                },
                "f"));
    get(
        engine.accept(
            job(
                "f",
                options("a")
                    .setMaxAttempts(3)
                    .setBackoff(
                        Backoff.newBuilder()
                            .setInitial(Durations.toProto(Duration.ofMillis(20)))))));
    Job dead = awaitState(engine, "a", Job.State.DEAD);
    assertThat(ran).containsExactly("attempt 1", "attempt 2", "attempt 3");
    assertThat(dead.getAttempts()).isEqualTo(3);
    assertThat(dead.getFailedAttemptsList())
        .extracting(attempt -> attempt.getNumber() + attempt.getReason())
        .containsExactly("1FUNCTION_FAILED", "2FUNCTION_FAILED", "3FUNCTION_FAILED");
    assertThat(dead.getFailedAttempts(2).getMessage()).contains("no 3");

    assertThat(get(engine.retry("a")).getState()).isIn(Job.State.PENDING, Job.State.RUNNING);
    await().atMost(60, SECONDS).until(() -> ran.size() == 6);
    assertThat(awaitState(engine, "a", Job.State.DEAD).getFailedAttemptsCount()).isEqualTo(6);
  }

  @Test
  void waitsForItsTime() throws Exception {
    JobEngine engine = engine(places(1, noting(), "f"));
    long before = System.nanoTime();
    get(engine.accept(job("f", options("a").setDelay(Durations.toProto(Duration.ofMillis(300))))));
    Job scheduled = get(engine.job("a", false));
    assertThat(scheduled.getState()).isEqualTo(Job.State.SCHEDULED);
    assertThat(scheduled.hasDueAt()).isTrue();
    awaitState(engine, "a", Job.State.DONE);
    assertThat(System.nanoTime() - before).isGreaterThan(290_000_000L);
  }

  @Test
  void cancelsWhatHasNotStarted() throws Exception {
    JobEngine engine = engine(places(1, noting(), "f"));
    get(engine.accept(job("f", options("a").setDelay(Durations.toProto(Duration.ofHours(1))))));
    Job cancelled = get(engine.cancel("a"));
    assertThat(cancelled.getState()).isEqualTo(Job.State.CANCELLED);
    assertThat(cancelled.hasEndedAt()).isTrue();
    assertThat(get(engine.cancel("a")).getState()).isEqualTo(Job.State.CANCELLED);
    assertThat(ran).isEmpty();
  }

  @Test
  void interruptsWhatRunsWhereItIsCancelled() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    JobEngine engine =
        engine(
            places(
                1,
                (job, attempt, outcome) -> {
                  begun.countDown();
                  Thread.sleep(600_000);
                  return Payload.getDefaultInstance();
                },
                "f"));
    get(engine.accept(job("f", options("a"))));
    begun.await();
    get(engine.cancel("a"));
    assertThat(awaitState(engine, "a", Job.State.CANCELLED).getAttempts()).isEqualTo(1);
  }

  @Test
  void refusesToRetryAJobWhoseKeyAnotherOneHas() throws Exception {
    JobEngine engine = engine(places(1, noting(), "other"));
    get(engine.accept(job("f", options("a").setUniqueKey("k"))));
    get(engine.cancel("a"));
    get(engine.accept(job("f", options("b").setUniqueKey("k"))));
    assertThatThrownBy(() -> get(engine.retry("a")))
        .isInstanceOfSatisfying(
            ClutchException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.WRONG_JOB_STATE);
              assertThat(e).hasMessageContaining("'b' has its unique key");
            });
    assertThat(get(engine.job("a", false)).getState()).isEqualTo(Job.State.CANCELLED);
  }

  @Test
  void listsGoNoFurtherThanIsSane() throws Exception {
    JobEngine engine = engine(places(1, noting(), "f"));
    assertThat(get(engine.jobs(ListJobsRequest.newBuilder().setPage("1.100000").build())))
        .isEqualTo(ListJobsResponse.getDefaultInstance());
    assertThatThrownBy(
            () -> get(engine.jobs(ListJobsRequest.newBuilder().setPage("1.100001").build())))
        .isInstanceOfSatisfying(
            ClutchException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BAD_ARGUMENTS));
  }

  @Test
  void refusesToRetryWhatIsDone() throws Exception {
    JobEngine engine = engine(places(1, noting(), "f"));
    get(engine.accept(job("f", options("a"))));
    awaitState(engine, "a", Job.State.DONE);
    assertThatThrownBy(() -> get(engine.retry("a")))
        .isInstanceOfSatisfying(
            ClutchException.class, e -> assertThat(e.reason()).isEqualTo(Reason.WRONG_JOB_STATE));
    assertThatThrownBy(() -> get(engine.retry("b")))
        .isInstanceOfSatisfying(
            ClutchException.class, e -> assertThat(e.reason()).isEqualTo(Reason.JOB_NOT_FOUND));
  }

  @Test
  void doesNotStartWhatHasExpired() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    JobEngine engine =
        engine(
            places(
                1,
                (job, attempt, outcome) -> {
                  ran.add(job.options().getJobId());
                  go.await();
                  return Payload.getDefaultInstance();
                },
                "f"));
    get(engine.accept(job("f", options("a"))));
    get(
        engine.accept(
            job("f", options("b").setExpiresAfter(Durations.toProto(Duration.ofMinutes(1))))));
    get(engine.accept(job("f", options("c"))));
    clockShift.set(120_000);
    assertThat(get(engine.job("b", false)).getState()).isEqualTo(Job.State.EXPIRED);
    go.countDown();
    awaitState(engine, "c", Job.State.DONE);
    assertThat(awaitState(engine, "b", Job.State.EXPIRED).getAttempts()).isZero();
    assertThat(ran).containsExactly("a", "c");
  }

  @Test
  void doesNotWaitLongerWhenTheClockIsSetBack() throws Exception {
    JobEngine engine = engine(places(1, noting(), "f"));
    get(engine.accept(job("f", options("a").setDelay(Durations.toProto(Duration.ofSeconds(2))))));
    clockShift.set(-3_600_000);
    get(engine.accept(job("f", options("b"))));
    awaitState(engine, "b", Job.State.DONE);
    awaitState(engine, "a", Job.State.DONE);
  }

  @Test
  void leavesWhatItHasNoFunctionFor() throws Exception {
    JobEngine engine = engine(places(1, noting(), "f"));
    get(engine.accept(job("other", options("a"))));
    get(engine.accept(job("f", options("b"))));
    awaitState(engine, "b", Job.State.DONE);
    assertThat(get(engine.job("a", false)).getState()).isEqualTo(Job.State.PENDING);
    JobEngine other = engine(places(1, noting(), "other"));
    awaitState(other, "a", Job.State.DONE);
  }

  @Test
  void tellsHowFarItHasComeWhereverItRuns() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    JobEngine runs =
        engine(
            places(
                1,
                (job, attempt, outcome) -> {
                  outcome.progress(3, 7, "half");
                  go.await();
                  return Payload.getDefaultInstance();
                },
                "f"));
    JobEngine asks = engine(places(1, noting(), "g"));
    get(runs.accept(job("f", options("a"))));
    List<Job> told = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch ended = new CountDownLatch(1);
    Runnable unused =
        asks.watch(
            "a",
            new JobWatch() {
              @Override
              public boolean isReady() {
                return true;
              }

              @Override
              public void is(Job job) {
                told.add(job);
              }

              @Override
              public void ended() {
                ended.countDown();
              }

              @Override
              public void failed(ClutchException why) {
                throw why;
              }
            });
    await()
        .atMost(60, SECONDS)
        .until(() -> told.stream().anyMatch(job -> job.getProgress().getNote().equals("half")));
    go.countDown();
    assertThat(ended.await(60, SECONDS)).isTrue();
    assertThat(told.get(told.size() - 1).getState()).isEqualTo(Job.State.DONE);
  }

  @Test
  void handsBackWhatWaitsBehindALongOne() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    FakePlaces busy =
        places(
            1,
            (job, attempt, outcome) -> {
              if (job.options().getJobId().equals("long")) {
                go.await();
              }
              return noting().run(job, attempt, outcome);
            },
            "f");
    JobEngine first = engine(busy, 1);
    // Quick ones, so that it takes several at a time.
    for (int i = 0; i < 200; i++) {
      get(first.accept(job("f", options("quick" + i))));
    }
    await().atMost(60, SECONDS).until(() -> ran.size() == 200);
    List<CompletableFuture<AcceptedJob>> accepted = new ArrayList<>();
    accepted.add(first.accept(job("f", options("long"))));
    for (int i = 0; i < 500; i++) {
      accepted.add(first.accept(job("f", options("short" + i))));
    }
    accepted.forEach(EngineTest::get);
    JobEngine second = engine(places(1, noting(), "f"), 2);
    await().atMost(60, SECONDS).until(() -> ran.size() == 700);
    assertThat(busy.waitTold.get()).isPositive();
    assertThat(get(second.job("long", false)).getState()).isEqualTo(Job.State.RUNNING);
    go.countDown();
    awaitState(second, "long", Job.State.DONE);
    assertThat(ran).doesNotHaveDuplicates();
  }

  @Test
  void handsBackWhatHasNotStartedWhenItDrains() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    JobEngine first =
        engine(
            places(
                1,
                (job, attempt, outcome) -> {
                  go.await();
                  return noting().run(job, attempt, outcome);
                },
                "f"));
    for (int i = 0; i < 10; i++) {
      get(first.accept(job("f", options("job" + i))));
    }
    first.drain();
    JobEngine second = engine(places(1, noting(), "f"));
    await().atMost(60, SECONDS).until(() -> ran.size() == 9);
    go.countDown();
    assertThat(awaitState(second, "job0", Job.State.DONE).getAttempts()).isEqualTo(1);
    first.close();
    assertThat(ran).hasSize(10).doesNotHaveDuplicates();
  }

  @Test
  void severalProcessesShareTheWork() throws Exception {
    AtomicInteger sum = new AtomicInteger();
    List<JobEngine> engines = new ArrayList<>();
    for (int slot = 1; slot <= 3; slot++) {
      engines.add(
          engine(
              places(
                  2,
                  (job, attempt, outcome) -> {
                    sum.incrementAndGet();
                    return noting().run(job, attempt, outcome);
                  },
                  "f"),
              slot));
    }
    List<CompletableFuture<AcceptedJob>> accepted = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      accepted.add(engines.get(i % 3).accept(job("f", options("job" + i))));
    }
    accepted.forEach(EngineTest::get);
    await().atMost(60, SECONDS).until(() -> ran.size() >= 3_000);
    await()
        .atMost(60, SECONDS)
        .untilAsserted(
            () ->
                assertThat(
                        get(engines.get(0).count()).getCountsList().stream()
                            .filter(count -> count.getState() == Job.State.DONE)
                            .findFirst()
                            .orElseThrow()
                            .getCount())
                    .isEqualTo(3_000));
    assertThat(ran).hasSize(3_000).doesNotHaveDuplicates();
  }

  @Test
  void goesOnAfterAJobCouldNotBeStarted() throws Exception {
    FakePlaces places = places(1, noting(), "f");
    JobEngine engine = engine(places);
    places.startThrows.set(ClutchException.notStarted(Reason.UNAVAILABLE, "no thread"));
    get(engine.accept(job("f", options("a"))));
    assertThat(get(engine.job("a", false)).getAttempts()).isZero();
    places.startThrows.set(null);
    awaitState(engine, "a", Job.State.DONE);
    assertThat(ran).containsExactly("a/1");
  }

  @Test
  void aDefectInStartingIsAnAttemptThatFailed() throws Exception {
    FakePlaces places = places(1, noting(), "f");
    JobEngine engine = engine(places);
    places.startThrows.set(new IllegalStateException("a defect"));
    get(engine.accept(job("f", options("a").setMaxAttempts(1))));
    Job dead = awaitState(engine, "a", Job.State.DEAD);
    assertThat(dead.getFailedAttempts(0).getMessage()).contains("a defect");
    places.startThrows.set(null);
    get(engine.accept(job("f", options("b"))));
    awaitState(engine, "b", Job.State.DONE);
  }

  @Test
  void aMultitudeOfOrdersHoldsUpNobody() throws Exception {
    JobEngine engine = engine(places(1, noting(), "f"));
    List<CompletableFuture<Job>> cancelled = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      cancelled.add(engine.cancel("nobody" + i));
    }
    get(engine.accept(job("f", options("a"))));
    awaitState(engine, "a", Job.State.DONE);
    for (CompletableFuture<Job> each : cancelled) {
      assertThatThrownBy(() -> get(each))
          .isInstanceOfSatisfying(
              ClutchException.class, e -> assertThat(e.reason()).isEqualTo(Reason.JOB_NOT_FOUND));
    }
  }

  @Test
  void highPriorityComesFirstAndLowComesToo() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    JobEngine engine =
        engine(
            places(
                1,
                (job, attempt, outcome) -> {
                  go.await();
                  ran.add(job.options().getPriority().name());
                  return Payload.getDefaultInstance();
                },
                "f"));
    get(engine.accept(job("f", options("first"))));
    for (int i = 0; i < 60; i++) {
      get(engine.accept(job("f", options("low" + i).setPriority(JobOptions.Priority.LOW))));
    }
    for (int i = 0; i < 60; i++) {
      get(engine.accept(job("f", options("high" + i).setPriority(JobOptions.Priority.HIGH))));
    }
    go.countDown();
    await().atMost(60, SECONDS).until(() -> ran.size() == 121);
    List<String> early = ran.subList(1, 52);
    assertThat(early.stream().filter("HIGH"::equals).count()).isGreaterThan(40);
    assertThat(early).contains("LOW");
  }

  @Test
  void listsJobsAPageAtATime() throws Exception {
    JobEngine engine = engine(places(1, noting(), "f"));
    for (int i = 0; i < 5; i++) {
      get(
          engine.accept(
              job("f", options("later" + i).setDelay(Durations.toProto(Duration.ofHours(1))))));
      get(engine.accept(job("none", options("pending" + i))));
      get(engine.accept(job("f", options("done" + i))));
      awaitState(engine, "done" + i, Job.State.DONE);
    }
    List<String> all = new ArrayList<>();
    String page = "";
    do {
      var answer = get(engine.jobs(ListJobsRequest.newBuilder().setLimit(4).setPage(page).build()));
      answer.getJobsList().forEach(job -> all.add(job.getJobId()));
      page = answer.getNextPage();
    } while (!page.isEmpty());
    assertThat(all).hasSize(15).doesNotHaveDuplicates();
    assertThat(all.subList(0, 5))
        .containsExactly("pending0", "pending1", "pending2", "pending3", "pending4");
    assertThat(
            get(engine.jobs(
                    ListJobsRequest.newBuilder()
                        .addStates(Job.State.SCHEDULED)
                        .setFunction("f")
                        .build()))
                .getJobsList())
        .hasSize(5);
  }

  @Test
  void refusesOptionsThatMakeNoSense() throws Exception {
    JobEngine engine = engine(places(1, noting(), "f"));
    for (JobOptions.Builder wrong :
        List.of(
            options("a\nb"),
            options("x".repeat(201)),
            options("a").setMaxAttempts(-1),
            options("a").setDelay(Durations.toProto(Duration.ofSeconds(-1))),
            options("a").setBackoff(Backoff.newBuilder().setMultiplier(0.5)))) {
      assertThatThrownBy(() -> get(engine.accept(job("f", wrong))))
          .isInstanceOfSatisfying(
              ClutchException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BAD_ARGUMENTS));
    }
  }

  @Test
  void setsADamagedStoreAsideAndGoesOnWithANewOne() throws Exception {
    Files.writeString(folder.resolve("jobs.db"), "this is no database, ".repeat(500));
    JobEngine engine = engine(places(1, noting(), "f"));
    await()
        .atMost(60, SECONDS)
        .ignoreExceptions()
        .until(() -> get(engine.accept(job("f", options("a")))) != null);
    awaitState(engine, "a", Job.State.DONE);
    try (var files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .anyMatch(name -> name.startsWith("jobs.db.damaged-"));
    }
  }
}
