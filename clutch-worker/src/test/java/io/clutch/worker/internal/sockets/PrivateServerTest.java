package io.clutch.worker.internal.sockets;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import com.google.common.base.Stopwatch;
import io.clutch.process.UnixSockets;
import io.clutch.protocol.ServerAddress;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A gRPC server that serves connections which another socket accepted. */
@EnabledOnOs(OS.LINUX)
class PrivateServerTest {

  private static final Duration LONG = Duration.ofSeconds(10);

  /** What an HTTP/2 client says first: the preface, and settings of which there are none. */
  private static final byte[] GREETING =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0".getBytes(US_ASCII);

  @TempDir Path folder;

  private final EventLoopGroup loops = UnixSockets.eventLoops("test-private", 1);
  private final List<SocketAddress> callers = new CopyOnWriteArrayList<>();
  private final List<Long> closed = new CopyOnWriteArrayList<>();
  private PrivateServer privateServer;
  private Server server;
  private DescriptorSocket descriptors;
  private Handover supervisor;

  @BeforeEach
  void start() throws IOException {
    privateServer = new PrivateServer(folder.resolve("worker.sock"), loops);
    server =
        privateServer
            .builder(new Network(Optional.empty(), ConnectionLimits.DEFAULT))
            .addService(new HealthStatusManager().getHealthService())
            .intercept(new CallerRecorder())
            .build()
            .start();
    Path path = folder.resolve("descriptors.sock");
    descriptors = new DescriptorSocket(path, loops, privateServer::take, closed::add);
    supervisor = new Handover(path);
  }

  @AfterEach
  void stop() throws Exception {
    supervisor.close();
    descriptors.close();
    assertThat(server.shutdownNow().awaitTermination(10, SECONDS)).isTrue();
    UnixSockets.stop(loops);
  }

  @Test
  void servesCallsOnAConnectionThatItWasHanded() throws Exception {
    ManagedChannel client = client();

    assertThat(check(client)).isEqualTo(ServingStatus.SERVING);

    assertThat(callers)
        .singleElement()
        .isInstanceOfSatisfying(
            InetSocketAddress.class,
            caller -> {
              assertThat(caller.getAddress().isLoopbackAddress()).isTrue();
              assertThat(caller.getPort()).isPositive();
            });
    assertThat(client.shutdownNow().awaitTermination(10, SECONDS)).isTrue();
    await().untilAsserted(() -> assertThat(closed).containsExactly(1L));
  }

  @Test
  void aConnectionInUseIsSettled() throws Exception {
    ManagedChannel client = client();
    assertThat(check(client)).isEqualTo(ServingStatus.SERVING);

    assertThat(timeToSettle(LONG)).isLessThan(LONG);

    assertThat(client.shutdownNow().awaitTermination(10, SECONDS)).isTrue();
  }

  @Test
  void aConnectionIsSettledWhenItsClientHasGreeted() throws Exception {
    try (Socket client = connect()) {
      await().until(() -> !settlesAtOnce());
      CompletableFuture<Duration> settled =
          CompletableFuture.supplyAsync(() -> timeToSettle(Duration.ofSeconds(30)));

      client.getOutputStream().write(GREETING);

      assertThat(settled.get(10, SECONDS)).isLessThan(LONG);
    }
  }

  @Test
  void aConnectionIsSettledWhenItHasEnded() throws Exception {
    Socket client = connect();
    await().until(() -> !settlesAtOnce());

    client.close();

    assertThat(timeToSettle(LONG)).isLessThan(LONG);
    await().untilAsserted(() -> assertThat(closed).containsExactly(1L));
  }

  @Test
  void withoutConnectionsThereIsNothingToWaitFor() {
    assertThat(timeToSettle(LONG)).isLessThan(LONG);
  }

  @Test
  void nothingIsTakenBeforeTheServerIsStarted() throws IOException {
    PrivateServer idle = new PrivateServer(folder.resolve("idle.sock"), loops);
    EpollSocketChannel channel = new EpollSocketChannel();

    assertThatIllegalStateException().isThrownBy(() -> idle.take(channel));

    channel.unsafe().closeForcibly();
  }

  private boolean settlesAtOnce() {
    return timeToSettle(Duration.ofMillis(100)).toMillis() < 50;
  }

  private Duration timeToSettle(Duration atMost) {
    Stopwatch stopwatch = Stopwatch.createStarted();
    try {
      privateServer.awaitSettled(atMost);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return stopwatch.elapsed();
  }

  private Socket connect() throws IOException {
    ServerAddress address = supervisor.address();
    return new Socket(address.host(), address.port());
  }

  private ManagedChannel client() {
    ServerAddress address = supervisor.address();
    return NettyChannelBuilder.forAddress(address.host(), address.port()).usePlaintext().build();
  }

  private static ServingStatus check(ManagedChannel client) {
    return HealthGrpc.newBlockingStub(client)
        .withDeadlineAfter(10, SECONDS)
        .check(HealthCheckRequest.getDefaultInstance())
        .getStatus();
  }

  private final class CallerRecorder implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      callers.add(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR));
      return next.startCall(call, headers);
    }
  }
}
