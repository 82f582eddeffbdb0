package io.clutch.durable;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.clutch.client.ClutchClient;
import io.clutch.client.JobBackoff;
import io.clutch.client.JobFilter;
import io.clutch.client.JobOptions;
import io.clutch.client.JobState;
import io.clutch.client.JobStatus;
import io.clutch.client.Outcome;
import io.clutch.client.Request;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.ServerAddress;
import io.clutch.protocol.Started;
import io.clutch.security.AccessRules;
import io.clutch.v1.EnqueueRequest;
import io.clutch.v1.EnqueueResponse;
import io.clutch.v1.WorkerGrpc;
import io.clutch.worker.FunctionDefinition;
import io.clutch.worker.Worker;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A worker with a store, and its clients. */
final class DurableWorkerTest {

  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path folder;

  private final List<AutoCloseable> open = new ArrayList<>();
  private final List<String> seen = Collections.synchronizedList(new ArrayList<>());

  @AfterEach
  void close() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  private Worker.Builder worker() {
    return Worker.builder()
        .address("127.0.0.1:0")
        .concurrency(2)
        .store(folder.resolve("store").toString())
        .function(
            FunctionDefinition.named("look")
                .argument(String.class)
                .result(String.class)
                .runs(
                    (text, call) -> {
                      seen.add(
                          "%s %s %d %s %s"
                              .formatted(
                                  text,
                                  call.jobId().orElse("none"),
                                  call.attempt(),
                                  call.isBackground(),
                                  call.headers().getOrDefault("x-shop", "none")));
                      if (text.equals("fail twice") && call.attempt() < 3) {
                        throw new IllegalStateException("not yet");
                      }
                      return text + "!";
                    }));
  }

  private Worker start(Worker.Builder builder) throws Exception {
    Worker worker = builder.build().start();
    open.add(worker);
    return worker;
  }

  private ClutchClient client(ServerAddress address, boolean streams) {
    ClutchClient client =
        ClutchClient.builder()
            .servers(address.toString())
            .timeout(LIMIT)
            .callStreams(streams)
            .build();
    open.add(client);
    return client;
  }

  private static JobStatus awaitState(ClutchClient client, String id, JobState state) {
    return await().atMost(LIMIT).until(() -> client.jobStatus(id), job -> job.state() == state);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void functionsSeeWhichJobAndWhichAttemptTheyRun(boolean streams) throws Exception {
    ClutchClient client = client(start(worker()).address(), streams);
    String id =
        client.requestBackground(
            Request.of("look", "fail twice")
                .withHeader("x-shop", "7")
                .durable(
                    JobOptions.DEFAULT
                        .withBackoff(JobBackoff.of(Duration.ofMillis(10)))
                        .withKeepResult(Duration.ofHours(1))));
    JobStatus done = awaitState(client, id, JobState.DONE);

    assertThat(seen)
        .containsExactly(
            "fail twice %s 1 true 7".formatted(id),
            "fail twice %s 2 true 7".formatted(id),
            "fail twice %s 3 true 7".formatted(id));
    assertThat(done.attempts()).isEqualTo(3);
    assertThat(done.failedAttempts())
        .extracting(attempt -> attempt.message())
        .allMatch(message -> message.contains("not yet"));
    assertThat(client.jobResult(id, String.class)).isEqualTo("fail twice!");
    assertThat(client.request("look", "now", String.class)).isEqualTo("now!");
    assertThat(seen).last().isEqualTo("now none 1 false none");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aWorkerWithoutAStoreRefuses(boolean streams) throws Exception {
    Worker worker =
        Worker.builder()
            .address("127.0.0.1:0")
            .function("f", String.class, text -> text)
            .build()
            .start();
    open.add(worker);
    ClutchClient client = client(worker.address(), streams);
    assertThatThrownBy(() -> client.requestBackground("f", "x", JobOptions.DEFAULT))
        .isInstanceOfSatisfying(
            ClutchException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.NO_STORE);
              assertThat(e.started()).isEqualTo(Started.NO);
            });
    assertThatThrownBy(() -> client.jobStatus("x"))
        .isInstanceOfSatisfying(
            ClutchException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NO_STORE));
    assertThat(client.request("f", "served", String.class)).isEqualTo("served");
  }

  @Test
  void anUnknownFunctionIsRefusedAtOnce() throws Exception {
    ClutchClient client = client(start(worker()).address(), true);
    assertThatThrownBy(() -> client.requestBackground("nope", "x", JobOptions.DEFAULT))
        .isInstanceOfSatisfying(
            ClutchException.class,
            e -> assertThat(e.reason()).isEqualTo(Reason.FUNCTION_NOT_FOUND));
  }

  @Test
  void anyGrpcClientCanHaveItsCallsKept() throws Exception {
    ServerAddress address = start(worker()).address();
    ManagedChannel channel =
        NettyChannelBuilder.forTarget(address.toString()).usePlaintext().build();
    open.add(channel::shutdownNow);
    EnqueueRequest request =
        EnqueueRequest.newBuilder()
            .setFunction("look")
            .setPayload(io.clutch.v1.Payload.newBuilder().setJson("\"raw\""))
            .setDurable(io.clutch.v1.JobOptions.newBuilder().setJobId("mine"))
            .build();
    EnqueueResponse first = WorkerGrpc.newBlockingStub(channel).enqueue(request);
    EnqueueResponse second = WorkerGrpc.newBlockingStub(channel).enqueue(request);
    assertThat(first.getJobId()).isEqualTo("mine");
    assertThat(first.getExisted()).isFalse();
    assertThat(second.getExisted()).isTrue();
    awaitState(client(address, true), "mine", JobState.DONE);
    assertThat(seen).containsExactly("raw mine 1 true none");
  }

  @Test
  void manyAreAcceptedAtOnceEachWithAnOutcomeOfItsOwn() throws Exception {
    ClutchClient client = client(start(worker()).address(), true);
    List<Request<?>> requests = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      requests.add(Request.of(i == 250 ? "nope" : "look", "job " + i).durable());
    }
    List<Outcome<String>> outcomes = client.requestBackgroundMulti(requests);
    assertThat(outcomes).hasSize(500);
    assertThat(outcomes.stream().filter(Outcome::isSuccess)).hasSize(499);
    await().atMost(LIMIT).until(() -> seen.size() == 499);
    await()
        .atMost(LIMIT)
        .until(
            () ->
                client.jobs(JobFilter.ALL.withStates(JobState.DONE).withLimit(1_000)).size()
                    == 499);
    assertThat(client.jobCounts().byState().get(JobState.DONE)).isEqualTo(499);
  }

  @Test
  void oneWhoWatchesIsToldToTheEnd() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    ClutchClient client =
        client(
            start(
                    worker()
                        .function(
                            FunctionDefinition.named("slow")
                                .argument(Void.class)
                                .result(String.class)
                                .runs(
                                    (nothing, call) -> {
                                      call.progress(1, 2, "half");
                                      go.await();
                                      return "x";
                                    })))
                .address(),
            true);
    String id = client.requestBackground("slow", null, JobOptions.DEFAULT);
    List<JobStatus> told = Collections.synchronizedList(new ArrayList<>());
    CompletableFuture<JobStatus> end = client.watchJob(id, told::add);
    await().atMost(LIMIT).until(() -> told.stream().anyMatch(job -> job.progress().isPresent()));
    go.countDown();
    assertThat(end.get(60, SECONDS).state()).isEqualTo(JobState.DONE);
  }

  @Test
  void whoMayNotCallAFunctionDoesNotGetToSeeItsJobs() throws Exception {
    Path tokens = folder.resolve("tokens");
    Files.writeString(tokens, "one first-secret-token\ntwo second-secret-token\n");
    Worker worker =
        start(
            worker()
                .function("other", String.class, text -> text)
                .tokens(tokens)
                .rules(
                    AccessRules.builder()
                        .allow("look", "token:one")
                        .allow("other", "token:one", "token:two")
                        .build()));
    ClutchClient one = clientWith(worker, "first-secret-token");
    ClutchClient two = clientWith(worker, "second-secret-token");
    String id = one.requestBackground("look", "secret", JobOptions.DEFAULT);
    String others = two.requestBackground("other", "x", JobOptions.DEFAULT);
    awaitState(one, id, JobState.DONE);
    awaitState(two, others, JobState.DONE);

    assertThatThrownBy(() -> two.jobStatus(id)).isInstanceOf(ClutchException.class);
    assertThatThrownBy(() -> two.cancelJob(id))
        .isInstanceOfSatisfying(
            ClutchException.class, e -> assertThat(e.reason()).isEqualTo(Reason.PERMISSION_DENIED));
    assertThat(two.jobs(JobFilter.ALL)).extracting(JobStatus::id).containsExactly(others);
    assertThat(one.jobs(JobFilter.ALL)).hasSize(2);
  }

  private ClutchClient clientWith(Worker worker, String token) throws Exception {
    Path file = folder.resolve(token);
    Files.writeString(file, token);
    ClutchClient client =
        ClutchClient.builder()
            .servers(worker.address().toString())
            .timeout(LIMIT)
            .token(file)
            .build();
    open.add(client);
    return client;
  }

  @Test
  void aDrainLeavesNothingHalfDone() throws Exception {
    CountDownLatch begun = new CountDownLatch(2);
    CountDownLatch go = new CountDownLatch(1);
    Worker.Builder description =
        worker()
            .function(
                "slow",
                String.class,
                text -> {
                  seen.add(text);
                  begun.countDown();
                  go.await();
                  return text;
                });
    Worker worker = start(description);
    ClutchClient client = client(worker.address(), true);
    for (int i = 0; i < 5; i++) {
      client.requestBackground("slow", "job " + i, JobOptions.DEFAULT.withJobId("job-" + i));
    }
    begun.await();
    CompletableFuture<Void> closed = CompletableFuture.runAsync(worker::close);
    go.countDown();
    closed.get(60, SECONDS);
    int ranBefore = seen.size();
    assertThat(ranBefore).isBetween(2, 5);

    ClutchClient next = client(start(description).address(), true);
    await().atMost(LIMIT).until(() -> next.jobCounts().byState().get(JobState.DONE) == 5);
    assertThat(seen).hasSize(5).doesNotHaveDuplicates();
    for (int i = 0; i < 5; i++) {
      assertThat(next.jobStatus("job-" + i).attempts()).isEqualTo(1);
    }
  }

  @Test
  void aFolderThatCannotBeMadeIsSaidAtOnce() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    Worker worker = worker().store(file.resolve("store").toString()).build();
    assertThatThrownBy(worker::start)
        .isInstanceOf(java.io.IOException.class)
        .hasMessageContaining("as a store");
  }

  @Test
  void theStoreAndTheOptionsAreChecked() {
    assertThatThrownBy(() -> worker().store(" ").build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("store is empty");
    assertThatThrownBy(() -> worker().jobLease(Duration.ofMillis(10)).build())
        .hasMessageContaining("jobLease");
    assertThatThrownBy(() -> worker().jobRetention(Duration.ofSeconds(-1)).build())
        .hasMessageContaining("jobRetention");
  }
}
