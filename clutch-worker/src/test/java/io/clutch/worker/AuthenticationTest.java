package io.clutch.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.security.AccessRules;
import io.clutch.security.Identity;
import io.clutch.v1.DescribeRequest;
import io.clutch.v1.EnqueueRequest;
import io.clutch.v1.Origin;
import io.clutch.v1.WorkerGrpc;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may call what, over connections in plaintext, with gRPC's own stubs. */
class AuthenticationTest {

  private static final String WEB = "web-token-0123456789";
  private static final String BATCH = "batch-token-0123456789";

  private final AtomicReference<Call> seen = new AtomicReference<>();
  private final AtomicInteger runs = new AtomicInteger();
  private final LogCapture log = new LogCapture();
  private final Worker.Builder builder =
      Worker.builder()
          .address("127.0.0.1:0")
          .function(
              "who",
              Void.class,
              (nothing, call) -> {
                seen.set(call);
                return call.identity().toString();
              })
          .function("run", runs::incrementAndGet)
          .function(
              "cascade", Void.class, (nothing, call) -> call.cascade("who", null, String.class));

  @TempDir private Path folder;
  private Path tokens;
  private Worker worker;
  private TestCaller caller;

  @BeforeEach
  void write() throws IOException {
    tokens = Files.writeString(folder.resolve("tokens"), "web " + WEB + "\nbatch " + BATCH + "\n");
  }

  @AfterEach
  void stop() throws Exception {
    if (worker != null) {
      caller.close();
      worker.close();
    }
    log.close();
  }

  private void serve(Worker.Builder described) throws IOException {
    worker = described.build().start();
    caller = new TestCaller(worker);
  }

  private static Metadata authorization(String... values) {
    Metadata headers = new Metadata();
    for (String value : values) {
      headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), value);
    }
    return headers;
  }

  private WorkerGrpc.WorkerBlockingStub with(String... authorization) {
    return caller
        .stub()
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(authorization(authorization)));
  }

  private String who(String... authorization) {
    return with(authorization).call(TestCaller.request("who", null)).getPayload().getJson();
  }

  private static void assertRefused(Runnable call, Reason reason, Status.Code code) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            status -> {
              assertThat(status.getStatus().getCode()).isEqualTo(code);
              ClutchException failure = TestCaller.failure(status);
              assertThat(failure.reason()).isEqualTo(reason);
              assertThat(failure.started()).isEqualTo(Started.NO);
            });
  }

  private static void assertUnauthenticated(Runnable call) {
    assertRefused(call, Reason.UNAUTHENTICATED, Status.Code.UNAUTHENTICATED);
  }

  @Test
  void aFunctionSeesWhoCallsAndNotByWhichToken() throws IOException {
    serve(builder.tokens(tokens));

    assertThat(who("Bearer " + WEB)).isEqualTo("\"token:web\"");
    assertThat(seen.get().identity().names()).containsExactly("token:web");
    assertThat(seen.get().headers()).doesNotContainKey("authorization");
    assertThat(who("bearer " + BATCH)).isEqualTo("\"token:batch\"");
  }

  @Test
  void whatAClientSaysOfTheOriginOfACallIsNotBelieved() throws Exception {
    serve(builder.tokens(tokens));
    try (StreamCaller stream = new StreamCaller(worker, authorization("Bearer " + WEB), true)) {
      long id =
          stream.call(
              "who",
              null,
              call ->
                  call.setOrigin(
                      Origin.newBuilder()
                          .addIdentity("token:batch")
                          .setPeerHost("10.0.0.1")
                          .setPeerPort(1)));

      assertThat(stream.result(id).getJson()).isEqualTo("\"token:web\"");
      assertThat(seen.get().peer().orElseThrow().toString()).startsWith("/127.0.0.1:");
    }
  }

  @Test
  void aCascadedFunctionSeesTheSameCaller() throws IOException {
    serve(builder.tokens(tokens));

    assertThat(
            with("Bearer " + WEB).call(TestCaller.request("cascade", null)).getPayload().getJson())
        .isEqualTo("\"token:web\"");
  }

  @Test
  void withoutTokensTheHeaderIsTheFunctions() throws IOException {
    serve(builder);

    assertThat(who("Basic abc")).isEqualTo("\"anonymous\"");
    assertThat(seen.get().identity()).isEqualTo(Identity.ANONYMOUS);
    assertThat(seen.get().headers()).contains(Map.entry("authorization", "Basic abc"));
  }

  @Test
  void whoHasNoGoodTokenIsRefusedBeforeAnythingRuns() throws IOException {
    serve(builder.tokens(tokens));

    assertUnauthenticated(this::who);
    assertUnauthenticated(() -> who("Bearer wrong-token-0123456789"));
    assertUnauthenticated(() -> who("Basic " + WEB));
    assertUnauthenticated(() -> who("Bearer " + WEB, "Bearer " + WEB));
    assertUnauthenticated(
        () -> {
          var unused = with().enqueue(EnqueueRequest.newBuilder().setFunction("run").build());
        });
    assertThat(runs).hasValue(0);
    assertThat(seen.get()).isNull();
  }

  @Test
  void functionsAndSchemaAreNotForStrangers() throws Exception {
    serve(builder.tokens(tokens));

    assertUnauthenticated(
        () -> {
          var unused = with().describe(DescribeRequest.getDefaultInstance());
        });
    assertThat(
            with("Bearer " + WEB)
                .describe(DescribeRequest.getDefaultInstance())
                .getFunctionsCount())
        .isPositive();

    assertThat(reflection(authorization()).handle((answer, failure) -> failure))
        .succeedsWithin(10, TimeUnit.SECONDS)
        .satisfies(
            failure ->
                assertThat(Status.fromThrowable(failure).getCode())
                    .isEqualTo(Status.Code.UNAUTHENTICATED));
    assertThat(
            reflection(authorization("Bearer " + WEB))
                .get(10, TimeUnit.SECONDS)
                .getListServicesResponse()
                .getServiceList())
        .isNotEmpty();
  }

  private CompletableFuture<ServerReflectionResponse> reflection(Metadata headers) {
    CompletableFuture<ServerReflectionResponse> answer = new CompletableFuture<>();
    StreamObserver<ServerReflectionRequest> requests =
        ServerReflectionGrpc.newStub(caller.channel())
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse response) {
                    answer.complete(response);
                  }

                  @Override
                  public void onError(Throwable failure) {
                    answer.completeExceptionally(failure);
                  }

                  @Override
                  public void onCompleted() {}
                });
    requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    requests.onCompleted();
    return answer;
  }

  @Test
  void healthIsForEveryone() throws IOException {
    serve(builder.tokens(tokens));

    assertThat(
            HealthGrpc.newBlockingStub(caller.channel())
                .check(HealthCheckRequest.getDefaultInstance())
                .getStatus())
        .isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void rulesSayWhoMayCallWhatAndDoNotTellWhatThereIs() throws IOException {
    serve(
        builder
            .tokens(tokens)
            .rules(AccessRules.builder().allow("run", "token:batch").allow("who", "*").build()));

    assertThat(who("Bearer " + WEB)).isEqualTo("\"token:web\"");
    for (String name : new String[] {"run", "no-such-function"}) {
      assertRefused(
          () -> {
            var unused = with("Bearer " + WEB).call(TestCaller.request(name, null));
          },
          Reason.PERMISSION_DENIED,
          Status.Code.PERMISSION_DENIED);
      assertRefused(
          () -> {
            var unused =
                with("Bearer " + WEB)
                    .enqueue(EnqueueRequest.newBuilder().setFunction(name).build());
          },
          Reason.PERMISSION_DENIED,
          Status.Code.PERMISSION_DENIED);
    }
    assertThat(runs).hasValue(0);
    assertThat(with("Bearer " + BATCH).call(TestCaller.request("run", null)).getPayload().getJson())
        .isEqualTo("1");
  }

  @Test
  void aTokenTakenOutWorksNoMoreOnAnOpenConnection() throws IOException {
    serve(builder.tokens(tokens));
    assertThat(who("Bearer " + WEB)).isEqualTo("\"token:web\"");

    Files.writeString(tokens, "batch " + BATCH + "\n");

    await().untilAsserted(() -> assertUnauthenticated(() -> who("Bearer " + WEB)));
    assertThat(who("Bearer " + BATCH)).isEqualTo("\"token:batch\"");
  }

  @Test
  void refusalsAreInTheLogWithoutTokens() throws IOException {
    serve(builder.tokens(tokens));

    assertUnauthenticated(() -> who("Bearer wrong-token-0123456789"));

    await().untilAsserted(() -> assertThat(log.messages(Level.WARN)).hasSize(1));
    assertThat(log.messages(Level.WARN).get(0))
        .matches(
            "refused 'clutch\\.v1\\.Worker/Call' from /127\\.0\\.0\\.1:\\d+:"
                + " the call's token is not one that this worker accepts \\(UNAUTHENTICATED\\)");
  }

  @Test
  void manyRefusalsOnOneConnectionLeaveNothingBehind() throws Exception {
    serve(builder.tokens(tokens));
    for (int i = 0; i < 200; i++) {
      assertUnauthenticated(this::who);
    }

    assertThat(who("Bearer " + WEB)).isEqualTo("\"token:web\"");
    long start = System.nanoTime();
    worker.close();
    assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start)).isLessThan(4);
  }
}
