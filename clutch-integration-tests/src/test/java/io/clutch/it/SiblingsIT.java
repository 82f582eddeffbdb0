package io.clutch.it;

import static java.util.concurrent.TimeUnit.SECONDS;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.common.net.HostAndPort;
import com.google.common.util.concurrent.ListenableFuture;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.ErrorStatus;
import io.clutch.protocol.PayloadCodec;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.v1.CallRequest;
import io.clutch.v1.CallResponse;
import io.clutch.v1.DescribeRequest;
import io.clutch.v1.PoolEvent;
import io.clutch.v1.WorkerGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A pool and a client in another language, as far as the pool can tell: plain gRPC over one
 * connection, which leads to one child. What would wait there is run by its siblings.
 */
@Timeout(300)
final class SiblingsIT {

  private static final String TOKEN = "good-token-of-the-web";
  private static final long LIMIT_SECONDS = PoolProcess.LIMIT.toSeconds();

  @AutoClose private final ClutchProcesses clutch = ClutchProcesses.quick();

  private final List<ManagedChannel> channels = new ArrayList<>();
  private final List<Path> held = new ArrayList<>();
  private Path folder;

  @BeforeEach
  void make() {
    folder = clutch.temporaryFolder();
  }

  @AfterEach
  void stop() throws IOException, InterruptedException {
    for (Path file : held) {
      Files.deleteIfExists(file);
    }
    for (ManagedChannel channel : channels) {
      assertThat(channel.shutdownNow().awaitTermination(30, SECONDS)).isTrue();
    }
  }

  private PoolProcess pool(int size, String... more) {
    // Calls are held for as long as a slow machine takes.
    List<String> options = new ArrayList<>(List.of("--timeout", "0"));
    options.addAll(List.of(more));
    return clutch.pool(
        size,
        List.of("--main", TestWorker.class.getName(), "--classpath", ClutchProcesses.TEST_CLASSES),
        options.toArray(String[]::new));
  }

  private WorkerGrpc.WorkerFutureStub client(PoolProcess pool) {
    HostAndPort address = HostAndPort.fromString(pool.address());
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(address.getHost(), address.getPort()).usePlaintext().build();
    channels.add(channel);
    return WorkerGrpc.newFutureStub(channel);
  }

  private static CallRequest request(String function, @Nullable Object argument) {
    return CallRequest.newBuilder()
        .setFunction(function)
        .setPayload(PayloadCodec.standard().encode(argument))
        .build();
  }

  private static ListenableFuture<CallResponse> call(
      WorkerGrpc.WorkerFutureStub client, String function, @Nullable Object argument) {
    return client.withDeadlineAfter(LIMIT_SECONDS, SECONDS).call(request(function, argument));
  }

  private static Object result(ListenableFuture<CallResponse> call) throws Exception {
    return PayloadCodec.standard()
        .decode(call.get(LIMIT_SECONDS, SECONDS).getPayload(), Object.class);
  }

  private static long pid(ListenableFuture<CallResponse> call) throws Exception {
    return ((Number) result(call)).longValue();
  }

  private static ClutchException failure(ListenableFuture<CallResponse> call) throws Exception {
    try {
      throw new AssertionError("no failure but " + call.get(LIMIT_SECONDS, SECONDS));
    } catch (ExecutionException e) {
      StatusRuntimeException status = (StatusRuntimeException) e.getCause();
      return ErrorStatus.fromStatus(status.getStatus(), status.getTrailers(), Started.UNKNOWN);
    }
  }

  /** A call that holds the place of whichever process runs it, until its file is gone. */
  private ListenableFuture<CallResponse> hold(WorkerGrpc.WorkerFutureStub client) {
    Path file = folder.resolve("hold-" + held.size());
    held.add(file);
    ListenableFuture<CallResponse> call = call(client, "hold", file.toString());
    await().atMost(PoolProcess.LIMIT).until(() -> Files.exists(file));
    return call;
  }

  private long home(WorkerGrpc.WorkerFutureStub client) throws Exception {
    return client
        .withDeadlineAfter(LIMIT_SECONDS, SECONDS)
        .describe(DescribeRequest.getDefaultInstance())
        .get(LIMIT_SECONDS, SECONDS)
        .getProcessId();
  }

  @Test
  void oneConnectionKeepsAllProcessesBusy() throws Exception {
    PoolProcess pool = pool(4);
    WorkerGrpc.WorkerFutureStub client = client(pool);
    long home = home(client);
    assertThat(pid(call(client, "pid", null))).isEqualTo(home);

    List<ListenableFuture<CallResponse>> holding = new ArrayList<>();
    holding.add(hold(client));
    Set<Long> others = new HashSet<>();
    for (int i = 0; i < 30; i++) {
      others.add(pid(call(client, "pid", null)));
    }
    assertThat(others).isNotEmpty().doesNotContain(home);
    // As many as there are processes run at the same time, or the last ones would not begin.
    for (int i = 0; i < 3; i++) {
      holding.add(hold(client));
    }

    ListenableFuture<CallResponse> waiting = call(client, "pid", null);
    assertThat(waiting).isNotDone();
    Files.delete(held.get(2));
    assertThat(pid(waiting)).isNotEqualTo(home);
    for (Path file : held) {
      Files.deleteIfExists(file);
    }
    for (ListenableFuture<CallResponse> call : holding) {
      assertThat(result(call)).isEqualTo("released");
    }
  }

  @Test
  void theCallersIdentityAndDeadlineGoAlong() throws Exception {
    Path tokens = Files.writeString(folder.resolve("tokens"), "web " + TOKEN + "\n");
    Path rules =
        Files.writeString(
            folder.resolve("rules.json"),
            "{\"who\": [\"token:web\"], \"hold\": [\"*\"], \"timeLeft\": [\"*\"]}");
    PoolProcess pool = pool(2, "--tokens", tokens.toString(), "--rules", rules.toString());
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + TOKEN);
    WorkerGrpc.WorkerFutureStub client =
        client(pool).withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    long home = home(client);
    ListenableFuture<CallResponse> holding = hold(client);

    assertThat(String.valueOf(result(call(client, "who", null))))
        .endsWith(" token:web")
        .doesNotStartWith(home + " ");
    String[] timeLeft =
        String.valueOf(
                result(client.withDeadlineAfter(100, SECONDS).call(request("timeLeft", null))))
            .split(" ", 2);
    assertThat(timeLeft[0]).isNotEqualTo(String.valueOf(home));
    assertThat(Long.parseLong(timeLeft[1])).isBetween(40_000L, 100_100L);
    assertThat(failure(call(client, "pid", null)).reason()).isEqualTo(Reason.PERMISSION_DENIED);
    Files.delete(held.get(0));
    assertThat(result(holding)).isEqualTo("released");
  }

  @Test
  void whereTheSiblingIsKilledTheCallIsInDoubtAndTheOthersGoOn() throws Exception {
    PoolProcess pool = pool(2);
    WorkerGrpc.WorkerFutureStub client = client(pool);
    long home = home(client);
    ListenableFuture<CallResponse> own = hold(client);
    ListenableFuture<CallResponse> handed = hold(client);
    ListenableFuture<CallResponse> waiting = call(client, "pid", null);
    long sibling = pool.pids().stream().filter(pid -> pid != home).findFirst().orElseThrow();

    ClutchProcesses.kill(List.of(sibling));

    ClutchException failure = failure(handed);
    assertThat(failure.reason()).isEqualTo(Reason.UNAVAILABLE);
    assertThat(failure.started()).isEqualTo(Started.UNKNOWN);
    // Another one takes its place, and what waits.
    assertThat(pid(waiting)).isNotIn(home, sibling);
    assertThat(own).isNotDone();
    Files.delete(held.get(0));
    assertThat(result(own)).isEqualTo("released");
  }

  @Test
  void rollingRestartsUnderLoadLoseNothingAndRunNothingTwice() throws Exception {
    PoolProcess pool = pool(3);
    WorkerGrpc.WorkerFutureStub client = client(pool);
    Path file = folder.resolve("lines");
    AtomicInteger last = new AtomicInteger();
    Map<Integer, Object> succeeded = new ConcurrentHashMap<>();
    Queue<Throwable> failed = new ConcurrentLinkedQueue<>();
    try (Threads load =
        new Threads(
            9,
            () -> {
              int number = last.incrementAndGet();
              String[] argument = {file.toString(), String.valueOf(number)};
              try {
                succeeded.put(number, result(call(client, "appendSlowly", argument)));
              } catch (Exception e) {
                failed.add(e);
              }
            })) {
      for (int round = 1; round <= 2; round++) {
        awaitMore(succeeded, 150);
        pool.supervisor().signal("HUP");
        int restarts = round;
        await()
            .atMost(PoolProcess.LIMIT)
            .until(() -> pool.events(PoolEvent.Kind.RESTART_DONE).size() == restarts);
      }
      awaitMore(succeeded, 150);
    }

    assertThat(failed).isEmpty();
    Map<String, Long> lines =
        Files.readAllLines(file).stream().collect(groupingBy(line -> line, counting()));
    assertThat(lines).hasSize(last.get()).allSatisfy((line, times) -> assertThat(times).isOne());
    assertThat(succeeded).hasSize(last.get());
    assertThat(new HashSet<>(succeeded.values()))
        .describedAs("processes that ran calls of one connection at a time")
        .hasSizeGreaterThan(3);
    assertThat(pool.stop()).isZero();
  }

  private static void awaitMore(Map<Integer, Object> succeeded, int calls) {
    int before = succeeded.size();
    await().atMost(PoolProcess.LIMIT).until(() -> succeeded.size() >= before + calls);
  }

  @Test
  void aPoolWhoseProcessesDrainHasNothingLeft() throws Exception {
    PoolProcess pool = pool(2);
    WorkerGrpc.WorkerFutureStub client = client(pool);
    ListenableFuture<CallResponse> own = hold(client);
    ListenableFuture<CallResponse> handed = hold(client);
    ListenableFuture<CallResponse> waiting = call(client, "pid", null);
    long begun = System.nanoTime();

    pool.supervisor().signal("TERM");
    await()
        .atMost(PoolProcess.LIMIT)
        .until(() -> pool.supervisor().err().contains("the pool stops"));
    for (Path path : held) {
      Files.deleteIfExists(path);
    }

    assertThat(result(own)).isEqualTo("released");
    assertThat(result(handed)).isEqualTo("released");
    assertThat(result(waiting)).isNotNull();
    assertThat(pool.supervisor().awaitExit()).isZero();
    assertThat(Duration.ofNanos(System.nanoTime() - begun))
        .describedAs("siblings don't hold each other up until the graceful timeout")
        .isLessThan(Duration.ofSeconds(25));
  }
}
