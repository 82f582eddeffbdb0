package io.clutch.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableList;
import io.clutch.client.ClutchClient;
import io.clutch.client.Outcome;
import io.clutch.client.Request;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.security.AccessRules;
import io.clutch.security.TlsFiles;
import io.clutch.v1.CallRequest;
import io.clutch.v1.DescribeRequest;
import io.clutch.v1.EnqueueRequest;
import io.clutch.v1.WorkerGrpc;
import io.clutch.worker.FunctionDefinition;
import io.clutch.worker.Worker;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
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
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who must not get in does not get in, by no way; and whoever may finds out what is wrong. */
@Timeout(120)
final class SecurityIT {

  private static final String GOOD = "good-token-of-the-web";
  private static final String OTHER = "other-token-of-cron";

  private final AtomicInteger runs = new AtomicInteger();
  private final List<AutoCloseable> open = new ArrayList<>();

  @TempDir private Path folder;
  private Pki pki;
  private Path tokens;

  @BeforeEach
  void make() throws Exception {
    pki = Pki.create(Files.createDirectory(folder.resolve("pki")));
    tokens = write("tokens", "web %s\ncron %s\n".formatted(GOOD, OTHER));
  }

  @AfterEach
  void close() throws Exception {
    for (int i = open.size() - 1; i >= 0; i--) {
      open.get(i).close();
    }
  }

  @Test
  void certificatesOpenTheDoor() throws Exception {
    Worker worker = start(w -> w.tls(mutual(pki.server("worker"))));
    ClutchClient client = client(worker, mutual(pki.client("dns:web.example")), null);

    assertThat(client.request("whoami", null, String.class)).isEqualTo("dns:web.example");
    assertThat(client.requestBackground("count", null)).isNotEmpty();
    await().untilAsserted(() -> assertThat(runs).hasValue(1));
  }

  @Test
  void withoutAGoodCertificateNothingIsReached() throws Exception {
    Worker worker = start(w -> w.tls(mutual(pki.server("worker"))));
    Pki stranger = Pki.create(Files.createDirectory(folder.resolve("stranger")));

    refused(
        refusal(
            client(worker, TlsFiles.trust(pki.authorities()), null),
            Reason.UNAVAILABLE,
            "does not accept this client's certificate, or wants one"),
        refusal(
            client(worker, mutual(stranger.client("dns:web.example")), null),
            Reason.UNAVAILABLE,
            "does not accept this client's certificate, or wants one"),
        refusal(
            client(worker, mutual(pki.expiredClient("dns:web.example")), null),
            Reason.UNAVAILABLE,
            "does not accept this client's certificate, or wants one"),
        refusal(client(worker, null, null), Reason.UNAVAILABLE, "it may want TLS"));
    assertThat(runs).hasValue(0);
  }

  @Test
  void aClientDoesNotTalkToAStranger() throws Exception {
    Pki stranger = Pki.create(Files.createDirectory(folder.resolve("stranger")));
    Worker worker = start(w -> w.tls(identity(pki.server("worker"))));
    Worker expired = start(w -> w.tls(identity(pki.expiredServer("expired"))));
    Worker plaintext = start(w -> w);

    ClutchClient elsewhere =
        keep(
            builder(worker)
                .tls(TlsFiles.trust(pki.authorities()))
                .authority("elsewhere.example")
                .build());
    refused(
        refusal(
            client(worker, TlsFiles.trust(stranger.authorities()), null),
            Reason.UNAVAILABLE,
            "not signed by an authority that this client trusts"),
        refusal(
            client(expired, TlsFiles.trust(pki.authorities()), null),
            Reason.UNAVAILABLE,
            "its certificate has expired"),
        refusal(
            client(plaintext, TlsFiles.trust(pki.authorities()), null),
            Reason.UNAVAILABLE,
            "it does not speak TLS"),
        refusal(elsewhere, Reason.UNAVAILABLE, "its certificate is for another name"));
    assertThat(runs).hasValue(0);
  }

  @Test
  void withoutAGoodTokenNothingIsReachedByAnyWay() throws Exception {
    Worker worker = start(w -> w.tokens(tokens));
    Path wrong = write("wrong", "wrong-token-of-nobody");

    refusedByAllWays(client(worker, null, null), "the call carries no token");
    refusedByAllWays(client(worker, null, wrong), "is not one that this worker accepts");

    assertThat(runs).hasValue(0);
  }

  @Test
  void otherServicesAndClientsPassTheSameDoor() throws Exception {
    Worker worker = start(w -> w.tokens(tokens));
    ManagedChannel channel = plain(worker);
    WorkerGrpc.WorkerBlockingStub stranger = WorkerGrpc.newBlockingStub(channel);

    unauthenticated(() -> stranger.call(CallRequest.newBuilder().setFunction("count").build()));
    unauthenticated(
        () -> stranger.enqueue(EnqueueRequest.newBuilder().setFunction("count").build()));
    unauthenticated(() -> stranger.describe(DescribeRequest.getDefaultInstance()));
    assertThat(reflectionEndsWith(channel)).isEqualTo(Status.Code.UNAUTHENTICATED);
    for (String header :
        List.of("Basic " + GOOD, "Bearer", "Bearer ", GOOD, "Bearer " + GOOD + "x", "Bearer *")) {
      unauthenticated(
          () -> with(stranger, header).call(CallRequest.newBuilder().setFunction("count").build()));
    }
    assertThat(runs).hasValue(0);

    // Probes have no token.
    assertThat(
            HealthGrpc.newBlockingStub(channel)
                .check(HealthCheckRequest.getDefaultInstance())
                .getStatus())
        .isEqualTo(ServingStatus.SERVING);
    assertThat(
            with(stranger, "bearer " + GOOD)
                .call(CallRequest.newBuilder().setFunction("whoami").build())
                .getPayload()
                .getJson())
        .isEqualTo("\"token:web\"");
  }

  @Test
  void aTokenThatIsTakenOutStopsWorkingOnOpenConnections() throws Exception {
    Worker worker = start(w -> w.tokens(tokens));
    Path token = write("token", GOOD);
    ClutchClient client = client(worker, null, token);
    ClutchClient cron = client(worker, null, write("cron-token", OTHER));
    assertThat(client.request("whoami", null, String.class)).isEqualTo("token:web");

    write("tokens", "web brand-new-token-of-the-web\ncron %s\n".formatted(OTHER));

    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(failure(() -> client.request("whoami", null, String.class)).reason())
                    .isEqualTo(Reason.UNAUTHENTICATED));
    refusedByAllWays(client, "is not one that this worker accepts");
    assertThat(cron.request("whoami", null, String.class)).isEqualTo("token:cron");

    write("token", "brand-new-token-of-the-web");

    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptionsInstanceOf(ClutchException.class)
        .untilAsserted(
            () -> assertThat(client.request("whoami", null, String.class)).isEqualTo("token:web"));
  }

  @Test
  void anAuthorityThatIsNotTrustedAnyMoreShutsOpenConnections() throws Exception {
    Pki other = Pki.create(Files.createDirectory(folder.resolve("other")));
    Path authorities = folder.resolve("authorities.pem");
    Files.copy(pki.authorities(), authorities);
    Pki.Pem server = pki.server("worker");
    Worker worker =
        start(
            w ->
                w.tls(TlsFiles.identity(server.certificate(), server.key()).trusting(authorities)));
    ClutchClient client = client(worker, mutual(pki.client("dns:web.example")), null);
    assertThat(client.request("whoami", null, String.class)).isEqualTo("dns:web.example");

    Files.copy(other.authorities(), authorities, StandardCopyOption.REPLACE_EXISTING);

    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(failure(() -> client.request("whoami", null, String.class)).reason())
                    .isEqualTo(Reason.UNAUTHENTICATED));
    refusedByAllWays(client, "is not accepted any more");
  }

  @Test
  void aClientWithANewCertificateShowsItWithoutBeingMadeAnew() throws Exception {
    Pki.Pem server = pki.server("worker");
    Worker worker = start(w -> w.tls(mutual(server)));
    Path certificate = folder.resolve("client.pem");
    Path key = folder.resolve("client-key.pem");
    Pki.Pem first = pki.client("dns:first.example");
    Files.copy(first.certificate(), certificate);
    Files.copy(first.key(), key);
    ClutchClient client =
        client(worker, TlsFiles.identity(certificate, key).trusting(pki.authorities()), null);
    assertThat(client.request("whoami", null, String.class)).isEqualTo("dns:first.example");

    Pki.Pem second = pki.client("dns:second.example");
    Files.copy(second.certificate(), certificate, StandardCopyOption.REPLACE_EXISTING);
    Files.copy(second.key(), key, StandardCopyOption.REPLACE_EXISTING);

    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(client.request("whoami", null, String.class))
                    .isEqualTo("dns:second.example"));
  }

  @Test
  void rulesSayWhoMayCallWhat() throws Exception {
    Path rules = write("rules", "{\"whoami\": [\"*\"], \"count*\": [\"token:cron\"]}");
    Worker worker = start(w -> w.tokens(tokens).rules(rules));
    ClutchClient web = client(worker, null, write("token", GOOD));
    ClutchClient cron = client(worker, null, write("cron-token", OTHER));

    deniedByAllWays(web, "count");
    deniedByAllWays(web, "count-inline");
    // Whoever may not call it does not learn whether it exists.
    deniedByAllWays(web, "no-such-function");
    assertThat(runs).hasValue(0);
    assertThat(web.request("whoami", null, String.class)).isEqualTo("token:web");
    cron.request("count", null, Void.class);
    cron.request("count-inline", null, Void.class);
    assertThat(runs).hasValue(2);
    // A function's own doing is not its caller's.
    assertThat(web.request("whoami", null, String.class)).isEqualTo("token:web");

    write("rules", "{\"*\": [\"token:web\"]}");

    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptionsInstanceOf(ClutchException.class)
        .until(() -> web.request("cascade", null, int.class), result -> result == 3);
    deniedByAllWays(cron, "count");
  }

  @Test
  void aCertificateOrATokenWillDoWhereThereAreBoth() throws Exception {
    Worker worker =
        start(
            w ->
                w.tls(mutual(pki.server("worker")))
                    .tokens(tokens)
                    .rules(
                        AccessRules.builder()
                            .allow("whoami", "token:web", "dns:*.example")
                            .build()));
    Path token = write("token", GOOD);

    assertThat(
            client(worker, TlsFiles.trust(pki.authorities()), token)
                .request("whoami", null, String.class))
        .isEqualTo("token:web");
    TlsFiles certificate = mutual(pki.client("dns:web.example"));
    assertThat(client(worker, certificate, null).request("whoami", null, String.class))
        .isEqualTo("dns:web.example");
    assertThat(client(worker, certificate, token).request("whoami", null, String.class))
        .isEqualTo("dns:web.example, token:web");
    refused(
        refusal(
            client(worker, TlsFiles.trust(pki.authorities()), null),
            Reason.UNAUTHENTICATED,
            "no token, and its connection no client certificate"),
        refusal(
            client(worker, certificate, write("wrong", "wrong-token-of-nobody")),
            Reason.UNAUTHENTICATED,
            "is not one that this worker accepts"));
    assertThat(runs).hasValue(0);
  }

  private Worker start(Setting setting) throws Exception {
    Worker.Builder builder =
        Worker.builder()
            .address("127.0.0.1:0")
            .function("whoami", Object.class, (nothing, call) -> call.identity().toString())
            .function("count", runs::incrementAndGet)
            .function(
                FunctionDefinition.named("count-inline")
                    .inline()
                    .runs((nothing, call) -> runs.incrementAndGet()))
            .function(
                FunctionDefinition.named("cascade")
                    .runs((nothing, call) -> call.cascade("count", null, int.class)));
    return keep(setting.apply(builder).build().start());
  }

  @FunctionalInterface
  private interface Setting {
    Worker.Builder apply(Worker.Builder worker) throws Exception;
  }

  private static ClutchClient.Builder builder(Worker worker) {
    return ClutchClient.builder()
        .servers(worker.address().toString())
        // Where nothing else is said, these tests wait for it.
        .timeout(Duration.ofSeconds(3));
  }

  private ClutchClient client(Worker worker, TlsFiles tls, Path token) {
    ClutchClient.Builder builder = builder(worker);
    if (tls != null) {
      builder.tls(tls);
    }
    if (token != null) {
      builder.token(token);
    }
    return keep(builder.build());
  }

  private <T extends AutoCloseable> T keep(T made) {
    open.add(made);
    return made;
  }

  private ManagedChannel plain(Worker worker) {
    ManagedChannel channel =
        ManagedChannelBuilder.forTarget(worker.address().toString()).usePlaintext().build();
    open.add(channel::shutdownNow);
    return channel;
  }

  private TlsFiles mutual(Pki.Pem pem) {
    return identity(pem).trusting(pki.authorities());
  }

  private static TlsFiles identity(Pki.Pem pem) {
    return TlsFiles.identity(pem.certificate(), pem.key());
  }

  private Path write(String name, String text) throws IOException {
    Path part = folder.resolve(name + ".part");
    Files.writeString(part, text, UTF_8);
    return Files.move(
        part,
        folder.resolve(name),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  private static ClutchException failure(ThrowingCallable call) {
    ClutchException failure = catchThrowableOfType(ClutchException.class, call);
    assertThat(failure).isNotNull();
    return failure;
  }

  /** A call that was made and is to end so. */
  private record Refusal(CompletableFuture<Integer> call, Reason reason, String why) {}

  private static Refusal refusal(ClutchClient client, Reason reason, String why) {
    return new Refusal(client.requestAsync("count", null, Integer.class), reason, why);
  }

  private static void refused(Refusal... refusals) {
    for (Refusal refusal : refusals) {
      CompletionException end =
          catchThrowableOfType(CompletionException.class, () -> refusal.call().join());
      assertThat(end).as(refusal.why()).hasCauseInstanceOf(ClutchException.class);
      expect((ClutchException) end.getCause(), refusal.reason(), refusal.why());
    }
  }

  private static void refusedByAllWays(ClutchClient client, String why) {
    byAllWays(client, "count", Reason.UNAUTHENTICATED, why);
    expect(failure(client::describe), Reason.UNAUTHENTICATED, why);
  }

  private static void deniedByAllWays(ClutchClient client, String function) {
    byAllWays(client, function, Reason.PERMISSION_DENIED, "may not call '" + function + "'");
  }

  private static void byAllWays(ClutchClient client, String function, Reason reason, String why) {
    expect(failure(() -> client.request(function, null, Void.class)), reason, why);
    expect(failure(() -> client.requestBackground(function, null)), reason, why);
    Request<Void> request = Request.of(function, null);
    for (Outcome<Void> outcome : client.requestMulti(ImmutableList.of(request, request))) {
      expect(outcome.failure().orElseThrow(), reason, why);
    }
    for (Outcome<String> outcome : client.requestBackgroundMulti(ImmutableList.of(request))) {
      expect(outcome.failure().orElseThrow(), reason, why);
    }
  }

  private static void expect(ClutchException failure, Reason reason, String why) {
    assertThat(failure).hasMessageContaining(why);
    assertThat(failure.reason()).isEqualTo(reason);
    assertThat(failure.started()).isEqualTo(Started.NO);
  }

  private static void unauthenticated(ThrowingCallable call) {
    StatusRuntimeException failure = catchThrowableOfType(StatusRuntimeException.class, call);
    assertThat(failure).isNotNull();
    assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
  }

  private static WorkerGrpc.WorkerBlockingStub with(
      WorkerGrpc.WorkerBlockingStub stub, String authorization) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), authorization);
    return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private static Status.Code reflectionEndsWith(ManagedChannel channel) throws Exception {
    CompletableFuture<Status.Code> end = new CompletableFuture<>();
    StreamObserver<ServerReflectionRequest> requests =
        ServerReflectionGrpc.newStub(channel)
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse response) {
                    end.complete(Status.Code.OK);
                  }

                  @Override
                  public void onError(Throwable failure) {
                    end.complete(Status.fromThrowable(failure).getCode());
                  }

                  @Override
                  public void onCompleted() {
                    end.complete(Status.Code.OK);
                  }
                });
    requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    return end.get(30, TimeUnit.SECONDS);
  }
}
