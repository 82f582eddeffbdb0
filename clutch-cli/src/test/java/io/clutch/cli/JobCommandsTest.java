package io.clutch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Splitter;
import com.google.protobuf.Timestamp;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.ErrorStatus;
import io.clutch.protocol.Reason;
import io.clutch.v1.CancelJobRequest;
import io.clutch.v1.CancelJobResponse;
import io.clutch.v1.CountJobsRequest;
import io.clutch.v1.CountJobsResponse;
import io.clutch.v1.DescribeRequest;
import io.clutch.v1.DescribeResponse;
import io.clutch.v1.EnqueueRequest;
import io.clutch.v1.EnqueueResponse;
import io.clutch.v1.GetJobRequest;
import io.clutch.v1.GetJobResponse;
import io.clutch.v1.Job;
import io.clutch.v1.JobAttempt;
import io.clutch.v1.JobCount;
import io.clutch.v1.JobProgress;
import io.clutch.v1.JobsGrpc;
import io.clutch.v1.ListJobsRequest;
import io.clutch.v1.ListJobsResponse;
import io.clutch.v1.Payload;
import io.clutch.v1.RetryJobRequest;
import io.clutch.v1.RetryJobResponse;
import io.clutch.v1.WatchJobRequest;
import io.clutch.v1.WatchJobResponse;
import io.clutch.v1.WorkerGrpc;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The commands about jobs, against a worker that knows some. Words are separated by spaces. */
@Timeout(120)
final class JobCommandsTest {

  private static final Job DEAD =
      Job.newBuilder()
          .setJobId("dead-1")
          .setFunction("crash")
          .setState(Job.State.DEAD)
          .setAttempts(2)
          .setMaxAttempts(2)
          .setAcceptedAt(at(1_000))
          .setStartedAt(at(1_010))
          .setEndedAt(at(1_011))
          .setWorker("host slot 2 generation 3 pid 77")
          .addFailedAttempts(
              JobAttempt.newBuilder()
                  .setNumber(1)
                  .setStartedAt(at(1_001))
                  .setEndedAt(at(1_002))
                  .setWorker("host slot 1 generation 3 pid 76")
                  .setReason("UNAVAILABLE")
                  .setMessage("its process ended with exit code 137"))
          .addFailedAttempts(
              JobAttempt.newBuilder()
                  .setNumber(2)
                  .setReason("FUNCTION_FAILED")
                  .setMessage("no disk\u001b[2J"))
          .build();
  private static final Job RUNNING =
      Job.newBuilder()
          .setJobId("running-1")
          .setFunction("progress")
          .setState(Job.State.RUNNING)
          .setAttempts(1)
          .setMaxAttempts(5)
          .setUniqueKey("key")
          .setProgress(JobProgress.newBuilder().setDone(3).setTotal(10).setNote("pages"))
          .build();
  private static final Job DONE =
      RUNNING.toBuilder()
          .setJobId("done-1")
          .setState(Job.State.DONE)
          .clearProgress()
          .setHasResult(true)
          .build();

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final Queue<EnqueueRequest> enqueued = new ConcurrentLinkedQueue<>();
  private final Queue<ListJobsRequest> listed = new ConcurrentLinkedQueue<>();
  private final Server server;

  JobCommandsTest() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(new Workers())
            .addService(new Jobs())
            .build()
            .start();
  }

  @AfterEach
  void stop() {
    server.shutdownNow();
  }

  private int run(String command) {
    List<String> words =
        Splitter.on(' ')
            .omitEmptyStrings()
            .splitToList(command + " --servers 127.0.0.1:" + server.getPort());
    return Main.commandLine(new PrintWriter(out, true), new PrintWriter(err, true))
        .execute(words.toArray(new String[0]));
  }

  private int runWithInput(String command, String lines) {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8)));
    try {
      return run(command);
    } finally {
      System.setIn(before);
    }
  }

  private String output() {
    return out.toString().strip();
  }

  @Test
  void aDurableCallPrintsTheIdOfItsJob() {
    assertThat(
            run(
                "call --background --durable --job-id mine --unique-key key --delay 10s"
                    + " --priority high --max-attempts 3 --backoff 2s --expires 1h"
                    + " --keep-result 5m echo \"x\""))
        .isZero();

    assertThat(output()).isEqualTo("mine");
    io.clutch.v1.JobOptions options = enqueued.element().getDurable();
    assertThat(options.getUniqueKey()).isEqualTo("key");
    assertThat(options.getDelay().getSeconds()).isEqualTo(10);
    assertThat(options.getPriority()).isEqualTo(io.clutch.v1.JobOptions.Priority.HIGH);
    assertThat(options.getMaxAttempts()).isEqualTo(3);
    assertThat(options.getBackoff().getInitial().getSeconds()).isEqualTo(2);
    assertThat(options.getExpiresAfter().getSeconds()).isEqualTo(3600);
    assertThat(options.getKeepResult().getSeconds()).isEqualTo(300);
  }

  @Test
  void aDurableCallMayStartAtATimeAndPrintJson() {
    assertThat(
            run("call --background --durable --job-id mine --at 1970-01-01T01:00:00Z --json echo"))
        .isZero();

    assertThat(output()).isEqualTo("{\"jobId\":\"mine\"}");
    assertThat(enqueued.element().getDurable().getAt()).isEqualTo(at(3600));
  }

  @Test
  void aDurableCallThatIsRefusedSaysThatItWasNotAccepted() {
    assertThat(run("call --background --durable --job-id refused echo")).isEqualTo(1);

    assertThat(out.toString()).isEmpty();
    assertThat(err.toString())
        .isEqualToIgnoringNewLines("clutch: NO_STORE: no store here(the call was not accepted)");
  }

  @Test
  void aBackgroundCallIsNotDurableUnlessItSaysSo() {
    assertThat(run("call --background echo")).isZero();

    assertThat(output()).isEqualTo("call");
    assertThat(enqueued.element().hasDurable()).isFalse();
  }

  @Test
  void eachLineOfManyCallsMayBeAJobOfItsOwnKind() {
    String lines =
        """
        {"function":"echo","args":"x","jobId":"one","priority":"low","maxAttempts":2,"delay":"1s"}
        {"function":"echo","jobId":"two","at":"1970-01-01T01:00:00Z","uniqueKey":"key"}
        {"function":"echo","delay":"soon"}
        {"function":"echo","jobId":"refused"}
        """;

    assertThat(runWithInput("multi --background --durable", lines)).isEqualTo(1);

    assertThat(output().lines())
        .hasSize(4)
        .startsWith("{\"jobId\":\"one\"}", "{\"jobId\":\"two\"}")
        .satisfies(
            outcomes -> {
              assertThat(outcomes.get(2)).contains("BAD_ARGUMENTS", "line 3: delay: 'soon'");
              assertThat(outcomes.get(3)).contains("NO_STORE");
            });
    assertThat(enqueued)
        .extracting(EnqueueRequest::getDurable)
        .anySatisfy(
            options -> {
              assertThat(options.getJobId()).isEqualTo("one");
              assertThat(options.getPriority()).isEqualTo(io.clutch.v1.JobOptions.Priority.LOW);
              assertThat(options.getMaxAttempts()).isEqualTo(2);
              assertThat(options.getDelay().getSeconds()).isEqualTo(1);
            })
        .anySatisfy(
            options -> {
              assertThat(options.getUniqueKey()).isEqualTo("key");
              assertThat(options.getAt()).isEqualTo(at(3600));
            });
  }

  @Test
  void aLineThatSaysHowToKeepAJobWantsDurable() {
    assertThat(runWithInput("multi --background", "{\"function\":\"echo\",\"jobId\":\"one\"}\n"))
        .isEqualTo(1);

    assertThat(output()).contains("BAD_ARGUMENTS", "want --durable");
    assertThat(enqueued).isEmpty();
  }

  @Test
  void jobsAreListedForPeople() {
    assertThat(run("jobs --state dead,Running --function crash --limit 7")).isZero();

    assertThat(output().lines())
        .hasSize(3)
        .satisfies(
            lines -> {
              assertThat(lines.get(0)).matches("ID +FUNCTION +STATE +ATTEMPTS +ACCEPTED +LAST");
              assertThat(lines.get(1))
                  .matches("dead-1 +crash +dead +2/2 +\\S+ \\S+ +FUNCTION_FAILED: no disk .*");
              assertThat(lines.get(2)).matches("running-1 +progress +running +1/5 .* 3/10 pages");
            });
    assertThat(listed)
        .containsExactly(
            ListJobsRequest.newBuilder()
                .addStates(Job.State.DEAD)
                .addStates(Job.State.RUNNING)
                .setFunction("crash")
                .setLimit(7)
                .build());
  }

  @Test
  void jobsAreListedForPrograms() {
    assertThat(run("jobs --json")).isZero();

    assertThat(output().lines()).hasSize(2);
    assertThat(output())
        .startsWith("{\"jobId\":\"dead-1\",\"function\":\"crash\",\"state\":\"dead\"")
        .contains("\"attempts\":2,\"maxAttempts\":2,\"acceptedAt\":\"1970-01-01T00:16:40Z\"")
        .contains("\"message\":\"its process ended with exit code 137\"")
        .contains("\"progress\":{\"done\":3,\"total\":10,\"note\":\"pages\"}");
  }

  @Test
  void jobsAreCounted() {
    assertThat(run("jobs --count")).isZero();
    assertThat(output()).containsPattern("pending +3").containsPattern("dead +0");
    assertThat(output()).contains("the oldest pending waits since ");

    assertThat(run("jobs --count --json")).isZero();
    assertThat(output())
        .contains("\"pending\":3,\"running\":0")
        .endsWith("\"oldestPending\":\"1970-01-01T00:00:07Z\"}");
  }

  @Test
  void aJobShowsWhyItsAttemptsFailedAndSteersNoTerminal() {
    assertThat(run("job dead-1")).isZero();

    assertThat(output())
        .containsPattern("state +dead")
        .containsPattern("attempts +2 of 2")
        .containsPattern("worker +host slot 2 generation 3 pid 77")
        .containsPattern("attempt 1 .* by host slot 1 generation 3 pid 76")
        .contains("UNAVAILABLE: its process ended with exit code 137")
        .contains("FUNCTION_FAILED: no disk")
        .doesNotContain("\u001b");
  }

  @Test
  void aJobThatRunsShowsItsProgress() {
    assertThat(run("job running-1")).isZero();

    assertThat(output()).containsPattern("progress .* 3/10 pages").containsPattern("key +key");
  }

  @Test
  void aResultIsPrintedAsThatOfACall() {
    assertThat(run("job --result done-1")).isZero();
    assertThat(output()).isEqualTo("\"the result\"");
  }

  @Test
  void aTextResultIsPrintedBareOnRequest() {
    assertThat(run("job --result --text done-1")).isZero();
    assertThat(output()).isEqualTo("the result");
  }

  @Test
  void aResultThatIsNotThereIsAFailure() {
    assertThat(run("job --result running-1")).isEqualTo(1);

    assertThat(out.toString()).isEmpty();
    assertThat(err.toString())
        .isEqualToIgnoringNewLines(
            "clutch: WRONG_JOB_STATE: job 'running-1' has no result: it is running");
  }

  @Test
  void aWatchPrintsChangesUntilTheEndWhichDecides() {
    assertThat(run("job --watch done-1")).isZero();
    assertThat(output().lines()).hasSize(2);
    assertThat(output()).contains("running, attempt 1/5").contains("done, attempt 1/5");

    assertThat(run("job --watch --json dead-1")).isEqualTo(1);
    assertThat(output()).contains("\"state\":\"dead\"");
  }

  @Test
  void aWatchForTheResultLeavesStandardOutputToThat() {
    assertThat(run("job --watch --result done-1")).isZero();

    assertThat(output()).isEqualTo("\"the result\"");
    assertThat(err.toString()).contains("running, attempt 1/5");
  }

  @Test
  void jobsAreCancelledOneByOneThoughOneIsNotThere() {
    assertThat(run("cancel running-1 nosuch done-1")).isEqualTo(1);

    assertThat(output().lines()).containsExactly("running-1 running", "done-1 done");
    assertThat(err.toString()).contains("JOB_NOT_FOUND: there is no job 'nosuch'");
  }

  @Test
  void aJobIsRetried() {
    assertThat(run("retry --json dead-1")).isZero();

    assertThat(output()).startsWith("{\"jobId\":\"dead-1\"");
  }

  private static Job find(String id) {
    return switch (id) {
      case "dead-1" -> DEAD;
      case "running-1" -> RUNNING;
      case "done-1" -> DONE;
      default ->
          throw ErrorStatus.toStatus(
              ClutchException.notStarted(
                  Reason.JOB_NOT_FOUND, "there is no job '%s'".formatted(id)));
    };
  }

  private static Timestamp at(long seconds) {
    return Timestamp.newBuilder().setSeconds(seconds).build();
  }

  private static <T> void answer(StreamObserver<T> out, java.util.function.Supplier<T> message) {
    try {
      out.onNext(message.get());
      out.onCompleted();
    } catch (io.grpc.StatusRuntimeException e) {
      out.onError(e);
    }
  }

  private final class Workers extends WorkerGrpc.WorkerImplBase {
    @Override
    public void describe(DescribeRequest request, StreamObserver<DescribeResponse> out) {
      answer(out, () -> DescribeResponse.newBuilder().setProcessId(1).setPoolSize(1).build());
    }

    @Override
    public void enqueue(EnqueueRequest request, StreamObserver<EnqueueResponse> out) {
      enqueued.add(request);
      if (request.getDurable().getJobId().equals("refused")) {
        out.onError(
            ErrorStatus.toStatus(ClutchException.notStarted(Reason.NO_STORE, "no store here")));
        return;
      }
      answer(
          out,
          () ->
              EnqueueResponse.newBuilder()
                  .setCallId("call")
                  .setJobId(request.getDurable().getJobId())
                  .build());
    }
  }

  private final class Jobs extends JobsGrpc.JobsImplBase {
    @Override
    public void getJob(GetJobRequest request, StreamObserver<GetJobResponse> out) {
      answer(
          out,
          () -> {
            Job job = find(request.getJobId());
            boolean told = request.getWithResult() && job.getHasResult();
            return GetJobResponse.newBuilder()
                .setJob(
                    told
                        ? job.toBuilder()
                            .setResult(Payload.newBuilder().setJson("\"the result\""))
                            .build()
                        : job)
                .build();
          });
    }

    @Override
    public void watchJob(WatchJobRequest request, StreamObserver<WatchJobResponse> out) {
      out.onNext(WatchJobResponse.newBuilder().setJob(RUNNING).build());
      answer(out, () -> WatchJobResponse.newBuilder().setJob(find(request.getJobId())).build());
    }

    @Override
    public void listJobs(ListJobsRequest request, StreamObserver<ListJobsResponse> out) {
      listed.add(request);
      answer(out, () -> ListJobsResponse.newBuilder().addJobs(DEAD).addJobs(RUNNING).build());
    }

    @Override
    public void countJobs(CountJobsRequest request, StreamObserver<CountJobsResponse> out) {
      answer(
          out,
          () ->
              CountJobsResponse.newBuilder()
                  .addCounts(JobCount.newBuilder().setState(Job.State.PENDING).setCount(3))
                  .setOldestPending(at(7))
                  .build());
    }

    @Override
    public void cancelJob(CancelJobRequest request, StreamObserver<CancelJobResponse> out) {
      answer(out, () -> CancelJobResponse.newBuilder().setJob(find(request.getJobId())).build());
    }

    @Override
    public void retryJob(RetryJobRequest request, StreamObserver<RetryJobResponse> out) {
      answer(out, () -> RetryJobResponse.newBuilder().setJob(find(request.getJobId())).build());
    }
  }
}
