package io.clutch.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.base.Stopwatch;
import com.google.common.reflect.TypeToken;
import com.google.protobuf.Timestamp;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.v1.CancelJobRequest;
import io.clutch.v1.CountJobsResponse;
import io.clutch.v1.GetJobRequest;
import io.clutch.v1.Job;
import io.clutch.v1.JobCount;
import io.clutch.v1.JobProgress;
import io.clutch.v1.ListJobsRequest;
import io.clutch.v1.ListJobsResponse;
import io.clutch.v1.Payload;
import io.clutch.v1.RetryJobRequest;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is asked about jobs, of a worker that a test plays. */
@Timeout(120)
final class JobsTest {

  private static final Duration LONG = Duration.ofSeconds(40);
  private static final Job RUNNING =
      Job.newBuilder()
          .setJobId("j")
          .setFunction("work")
          .setState(Job.State.RUNNING)
          .setAttempts(1)
          .setMaxAttempts(5)
          .build();
  private static final Job DONE = RUNNING.toBuilder().setState(Job.State.DONE).build();

  private final FakeJobs worker;
  private final ClutchClient client;
  private final List<JobState> seen = new CopyOnWriteArrayList<>();

  JobsTest() throws IOException {
    worker = new FakeJobs();
    client = client(LONG, worker.address());
  }

  private static ClutchClient client(Duration timeout, String... servers) {
    return ClutchClient.builder().servers(servers).timeout(timeout).build();
  }

  /** The connection was lost, as far as the client can tell. */
  private static ClutchException lost() {
    return ClutchException.builder(Reason.UNAVAILABLE, Started.UNKNOWN, "lost").build();
  }

  @AfterEach
  void stop() {
    client.close();
    worker.close();
  }

  @Test
  void everythingThatIsSaidOfAJobIsTold() {
    worker.jobs =
        question ->
            RUNNING.toBuilder()
                .setPriority(io.clutch.v1.JobOptions.Priority.HIGH)
                .setUniqueKey("key")
                .setAttempts(2)
                .setAcceptedAt(at(10))
                .setDueAt(at(11))
                .setStartedAt(at(12))
                .setEndedAt(at(13))
                .addFailedAttempts(
                    io.clutch.v1.JobAttempt.newBuilder()
                        .setNumber(1)
                        .setStartedAt(at(1))
                        .setEndedAt(at(2))
                        .setWorker("host slot 1")
                        .setReason("UNAVAILABLE")
                        .setMessage("exit code 137"))
                .setProgress(JobProgress.newBuilder().setDone(1).setTotal(3).setNote("third"))
                .setHasResult(true)
                .setWorker("host slot 2")
                .setCallId("call")
                .build();

    JobStatus status = client.jobStatus("j");

    assertThat(status.id()).isEqualTo("j");
    assertThat(status.function()).isEqualTo("work");
    assertThat(status.state()).isEqualTo(JobState.RUNNING);
    assertThat(status.priority()).isEqualTo(JobPriority.HIGH);
    assertThat(status.uniqueKey()).contains("key");
    assertThat(status.attempts()).isEqualTo(2);
    assertThat(status.maxAttempts()).isEqualTo(5);
    assertThat(status.acceptedAt()).isEqualTo(Instant.ofEpochSecond(10));
    assertThat(status.dueAt()).contains(Instant.ofEpochSecond(11));
    assertThat(status.startedAt()).contains(Instant.ofEpochSecond(12));
    assertThat(status.endedAt()).contains(Instant.ofEpochSecond(13));
    assertThat(status.failedAttempts())
        .containsExactly(
            new JobAttempt(
                1,
                Instant.ofEpochSecond(1),
                Instant.ofEpochSecond(2),
                "host slot 1",
                "UNAVAILABLE",
                "exit code 137"));
    assertThat(status.progress()).contains(new Progress(1, 3, "third"));
    assertThat(status.hasResult()).isTrue();
    assertThat(status.worker()).isEqualTo("host slot 2");
    assertThat(status.callId()).isEqualTo("call");
    assertThat(worker.asked()).containsExactly(GetJobRequest.newBuilder().setJobId("j").build());
  }

  @Test
  void whatIsNotSaidOfAJobIsEmptyAndALaterStateUnknown() {
    worker.jobs = question -> Job.newBuilder().setJobId("j").setStateValue(99).build();

    JobStatus status = client.jobStatus("j");

    assertThat(status.state()).isEqualTo(JobState.UNKNOWN);
    assertThat(status.priority()).isEqualTo(JobPriority.NORMAL);
    assertThat(status.uniqueKey()).isEmpty();
    assertThat(status.dueAt()).isEmpty();
    assertThat(status.startedAt()).isEmpty();
    assertThat(status.endedAt()).isEmpty();
    assertThat(status.progress()).isEmpty();
    assertThat(status.hasResult()).isFalse();
  }

  @Test
  void aJobIsCancelledAndRetriedById() {
    worker.jobs =
        question ->
            question instanceof CancelJobRequest cancel
                ? RUNNING.toBuilder().setJobId(cancel.getJobId()).build()
                : DONE.toBuilder().setJobId(((RetryJobRequest) question).getJobId()).build();

    assertThat(client.cancelJob("a").state()).isEqualTo(JobState.RUNNING);
    assertThat(client.retryJob("b").id()).isEqualTo("b");
  }

  @Test
  void aQuestionIsRepeatedHoweverOftenTheWorkerIsLost() {
    worker.jobs = question -> DONE;
    worker.refuse(lost(), lost(), lost(), lost());

    assertThat(client.jobStatus("j").state()).isEqualTo(JobState.DONE);

    assertThat(worker.asked()).hasSize(5);
  }

  @Test
  void aJobThatIsNotThereIsSaidAtOnceAndWithoutDoubt() {
    worker.refuse(lost(), ClutchException.notStarted(Reason.JOB_NOT_FOUND, "there is no job 'j'"));

    ClutchException failure = Failures.of(() -> client.jobStatus("j"));

    assertThat(failure.reason()).isEqualTo(Reason.JOB_NOT_FOUND);
    assertThat(failure).hasMessage("there is no job 'j'");
  }

  @Test
  void aRetryThatMayHaveComeThroughIsNotSentAgain() {
    worker.refuse(lost());

    ClutchException failure = Failures.of(() -> client.retryJob("j"));

    assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
    assertThat(failure.started()).isEqualTo(Started.UNKNOWN);
    assertThat(worker.asked()).hasSize(1);
  }

  @Test
  void anIdIsChecked() {
    assertThatThrownBy(() -> client.jobStatus(""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("jobId");
    assertThatThrownBy(() -> client.watchJob("x".repeat(201), seen -> {}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("201");
  }

  @Test
  void aResultIsDecoded() {
    worker.jobs = question -> withResult("[1,2]");

    assertThat(client.jobResult("j", new TypeToken<List<Integer>>() {})).containsExactly(1, 2);
    assertThat(worker.asked())
        .containsExactly(GetJobRequest.newBuilder().setJobId("j").setWithResult(true).build());
  }

  @Test
  void aResultOfNothingIsNull() {
    worker.jobs = question -> DONE.toBuilder().setHasResult(true).build();

    assertThat(client.jobResult("j", String.class)).isNull();
  }

  @Test
  void aResultThatDoesNotFitNamesTheFunction() {
    worker.jobs = question -> withResult("\"text\"");

    ClutchException failure = Failures.of(() -> client.jobResult("j", Integer.class));

    assertThat(failure.reason()).isEqualTo(Reason.BAD_RESULT);
    assertThat(failure).hasMessageContaining("work");
  }

  @Test
  void whereThereIsNoResultTheStateIsSaid() {
    worker.jobs = question -> RUNNING;
    ClutchException early = Failures.of(() -> client.jobResult("j", String.class));
    worker.jobs = question -> DONE;
    ClutchException late = Failures.of(() -> client.jobResult("j", String.class));

    assertThat(early.reason()).isEqualTo(Reason.WRONG_JOB_STATE);
    assertThat(early).hasMessageContaining("running");
    assertThat(late.reason()).isEqualTo(Reason.WRONG_JOB_STATE);
    assertThat(late).hasMessageContaining("not kept");
  }

  @Test
  void jobsAreListedPageByPageUpToTheLimit() {
    worker.pages =
        question -> {
          int from = question.getPage().isEmpty() ? 0 : Integer.parseInt(question.getPage());
          ListJobsResponse.Builder page =
              ListJobsResponse.newBuilder().setNextPage("" + (from + 600));
          for (int i = from; i < from + Math.min(600, question.getLimit()); i++) {
            page.addJobs(RUNNING.toBuilder().setJobId("" + i));
          }
          return page.build();
        };

    List<JobStatus> jobs =
        client.jobs(
            JobFilter.ALL
                .withStates(JobState.RUNNING, JobState.DEAD)
                .withFunction("work")
                .withLimit(1500));

    assertThat(jobs).hasSize(1500);
    assertThat(jobs.get(1499).id()).isEqualTo("1499");
    assertThat(worker.asked()).hasSize(3);
    assertThat(worker.asked().get(0))
        .isEqualTo(
            ListJobsRequest.newBuilder()
                .addStates(Job.State.RUNNING)
                .addStates(Job.State.DEAD)
                .setFunction("work")
                .setLimit(1000)
                .build());
    assertThat(((ListJobsRequest) worker.asked().get(2)).getLimit()).isEqualTo(300);
  }

  @Test
  void aListEndsWithItsLastPage() {
    worker.pages = question -> ListJobsResponse.newBuilder().addJobs(DONE).build();

    assertThat(client.jobs(JobFilter.ALL)).extracting(JobStatus::id).containsExactly("j");
  }

  @Test
  void jobsAreCounted() {
    worker.counts =
        CountJobsResponse.newBuilder()
            .addCounts(JobCount.newBuilder().setState(Job.State.PENDING).setCount(3))
            .setOldestPending(at(7))
            .build();

    JobCounts counts = client.jobCounts();

    assertThat(counts.byState()).containsOnly(java.util.Map.entry(JobState.PENDING, 3L));
    assertThat(counts.in(JobState.DEAD)).isZero();
    assertThat(counts.oldestPending()).contains(Instant.ofEpochSecond(7));
    worker.counts = CountJobsResponse.getDefaultInstance();
    assertThat(client.jobCounts().oldestPending()).isEqualTo(Optional.empty());
  }

  @Test
  void aWatchTellsEachStateAndEndsWithTheLast() throws Exception {
    CompletableFuture<JobStatus> end = client.watchJob("j", this::note);
    FakeJobs.Watch watch = worker.watch();
    watch.say(RUNNING);
    await().atMost(LONG).until(() -> seen.size() == 1);
    assertThat(end).isNotDone();

    watch.say(DONE);

    assertThat(end).succeedsWithin(LONG);
    assertThat(end.join().state()).isEqualTo(JobState.DONE);
    assertThat(seen).containsExactly(JobState.RUNNING, JobState.DONE);
    await().atMost(LONG).until(watch.out()::isCancelled);
  }

  @Test
  void aWatchGoesOnElsewhereWhenItsWorkerIsLost() throws Exception {
    try (FakeJobs other = new FakeJobs();
        ClutchClient client = client(LONG, worker.address(), other.address())) {
      // Whichever it is, it is lost.
      CompletableFuture<JobStatus> end = client.watchJob("j", this::note);
      await().atMost(LONG).until(() -> worker.asked().size() + other.asked().size() == 1);
      FakeJobs first = worker.asked().isEmpty() ? other : worker;
      FakeJobs second = first == worker ? other : worker;
      first.watch().say(RUNNING);
      await().atMost(LONG).until(() -> seen.size() == 1);

      first.kill();
      FakeJobs.Watch watch = second.watch();
      assertThat(watch.jobId()).isEqualTo("j");
      watch.say(RUNNING);
      watch.say(DONE);

      assertThat(end).succeedsWithin(LONG);
      assertThat(seen).containsExactly(JobState.RUNNING, JobState.DONE);
    }
  }

  @Test
  void aWatchThatTheWorkerEndsBeforeTheJobGoesOn() throws Exception {
    CompletableFuture<JobStatus> end = client.watchJob("j", this::note);
    FakeJobs.Watch first = worker.watch();
    first.say(RUNNING);
    first.out().onCompleted();

    worker.watch().say(DONE);

    assertThat(end).succeedsWithin(LONG);
    assertThat(seen).containsExactly(JobState.RUNNING, JobState.DONE);
  }

  @Test
  void aWatchOfAJobThatIsNotThereFails() {
    worker.refuse(ClutchException.notStarted(Reason.JOB_NOT_FOUND, "there is no job 'j'"));

    ClutchException failure = Failures.of(() -> Futures.await(client.watchJob("j", this::note)));

    assertThat(failure.reason()).isEqualTo(Reason.JOB_NOT_FOUND);
  }

  @Test
  void aWatchWithoutAnyWorkerFailsAfterTheTimeout() throws Exception {
    String nowhere = Ports.unusedAddress();
    try (ClutchClient client = client(Duration.ofSeconds(2), nowhere)) {
      ClutchException failure = Failures.of(() -> Futures.await(client.watchJob("j", this::note)));

      assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
      assertThat(failure).hasMessageContaining(nowhere).hasMessageContaining("2000 ms");
    }
  }

  @Test
  void aWatchMayBeSilentLongerThanTheTimeoutOnceItHasAnAnswer() throws Exception {
    try (ClutchClient client = client(Duration.ofSeconds(2), worker.address())) {
      CompletableFuture<JobStatus> end = client.watchJob("j", this::note);
      FakeJobs.Watch watch = worker.watch();
      watch.say(RUNNING);

      await().atMost(LONG).until(() -> !seen.isEmpty());

      assertThatThrownBy(() -> end.get(3, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);

      watch.say(DONE);
      assertThat(end).succeedsWithin(LONG);
    }
  }

  @Test
  void cancellingAWatchEndsIt() throws Exception {
    CompletableFuture<JobStatus> end = client.watchJob("j", this::note);
    FakeJobs.Watch watch = worker.watch();
    watch.say(RUNNING);
    await().atMost(LONG).until(() -> seen.size() == 1);

    end.cancel(true);

    await().atMost(LONG).until(watch.out()::isCancelled);
    assertThat(worker.asked()).hasSize(1);
  }

  @Test
  void closingTheClientEndsItsWatchesAtOnce() throws Exception {
    CompletableFuture<JobStatus> end = client.watchJob("j", this::note);
    worker.watch().say(RUNNING);
    await().atMost(LONG).until(() -> seen.size() == 1);
    Stopwatch stopwatch = Stopwatch.createStarted();

    client.close();

    assertThat(Failures.of(() -> Futures.await(end)).reason()).isEqualTo(Reason.CANCELLED);
    assertThat(stopwatch.elapsed()).isLessThan(Duration.ofMillis(4500));
  }

  @Test
  void aListenerThatFailsDoesNotEndTheWatch() throws Exception {
    CompletableFuture<JobStatus> end =
        client.watchJob(
            "j",
            status -> {
              throw new IllegalStateException("the listener's own");
            });
    FakeJobs.Watch watch = worker.watch();

    watch.say(RUNNING);
    watch.say(DONE);

    assertThat(end).succeedsWithin(LONG);
  }

  private void note(JobStatus status) {
    seen.add(status.state());
  }

  private static Job withResult(String json) {
    return DONE.toBuilder()
        .setHasResult(true)
        .setResult(Payload.newBuilder().setJson(json))
        .build();
  }

  private static Timestamp at(long seconds) {
    return Timestamp.newBuilder().setSeconds(seconds).build();
  }
}
