package io.clutch.process;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableList;
import io.clutch.protocol.ServerAddress;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** gRPC over paths. */
@EnabledOnOs(OS.LINUX)
class UnixSocketsTest {

  @TempDir Path folder;

  private final EventLoopGroup loops = UnixSockets.eventLoops("test-unix", 1);

  @AfterEach
  void stopLoops() {
    UnixSockets.stop(loops);
  }

  @Test
  void aChannelReachesTheServerAtItsPath() throws Exception {
    Path path = folder.resolve("server.sock");
    Server server = UnixSockets.server(path, loops).addService(Echo.service()).build().start();
    ManagedChannel channel = UnixSockets.channel(path, loops);

    assertThat(Echo.call(channel, "hello")).isEqualTo("hello");

    end(channel);
    end(server);
  }

  @Test
  void aMessageMayBeAsLargeAsAThreadDump() throws Exception {
    Path path = folder.resolve("server.sock");
    Server server =
        UnixSockets.server(path, loops)
            .maxInboundMessageSize(64 << 20)
            .addService(Echo.service())
            .build()
            .start();
    ManagedChannel channel = UnixSockets.channel(path, loops);
    String large = "x".repeat(10 << 20);

    assertThat(Echo.call(channel, large)).isEqualTo(large);

    end(channel);
    end(server);
  }

  @Test
  void whereNobodyListensTheServerIsUnavailable() throws Exception {
    ManagedChannel channel = UnixSockets.channel(folder.resolve("nobody.sock"), loops);

    assertThatThrownBy(() -> Echo.call(channel, "hello"))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));

    end(channel);
  }

  @Test
  void aServerServesATcpConnectionThatItIsBrought() throws Exception {
    ServerChannel listener = UnixSockets.listener();
    Server server =
        UnixSockets.server(folder.resolve("server.sock"), loops, () -> listener)
            .addService(Echo.service())
            .build()
            .start();
    ListeningSockets port =
        ListeningSockets.open(
            ImmutableList.of(ServerAddress.parse("127.0.0.1:0")), ImmutableList.of(), loops);
    port.handler(connection -> UnixSockets.bring(listener, connection));
    port.accept(true);
    ServerAddress address = ServerAddress.parse(port.addresses().get(0));
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(address.host(), address.port()).usePlaintext().build();

    assertThat(Echo.call(channel, "hello")).isEqualTo("hello");

    end(channel);
    port.close();
    end(server);
  }

  @Test
  void aPathThatTheSystemHasNoRoomForIsNamed() throws IOException {
    String fits = "/" + "x".repeat(106);
    assertThat(UnixSockets.address(Path.of(fits)).path()).isEqualTo(fits);

    for (String tooLong : ImmutableList.of(fits + "x", "/" + "é".repeat(54))) {
      assertThatThrownBy(() -> UnixSockets.address(Path.of(tooLong)))
          .isInstanceOf(IOException.class)
          .hasMessageContainingAll(tooLong, "too long", "107");
    }
  }

  @Test
  void aRelativePathIsWhereThisProcessIs() throws IOException {
    assertThat(UnixSockets.address(Path.of("c.sock")).path())
        .isEqualTo(Path.of("").toAbsolutePath().resolve("c.sock").toString());
  }

  @Test
  void theThreadsOfLoopsAreDaemonsAndEndWhenTheyAreStopped() throws Exception {
    EventLoopGroup own = UnixSockets.eventLoops("test-own-loops", 1);
    Thread thread = own.submit(Thread::currentThread).get(10, SECONDS);
    assertThat(thread.isDaemon()).isTrue();
    assertThat(thread.getName()).startsWith("test-own-loops");

    UnixSockets.stop(own);

    await().until(() -> !thread.isAlive());
  }

  @Test
  void theOwnUserIsTheOwnerOfWhatThisProcessMakes() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));

    assertThat(UnixSockets.ownUser()).isEqualTo(Files.getAttribute(file, "unix:uid"));
  }

  private static void end(ManagedChannel channel) throws InterruptedException {
    assertThat(channel.shutdownNow().awaitTermination(10, SECONDS)).isTrue();
  }

  private static void end(Server server) throws InterruptedException {
    assertThat(server.shutdownNow().awaitTermination(10, SECONDS)).isTrue();
  }

  /** A service that gives back what it gets. */
  private static final class Echo implements MethodDescriptor.Marshaller<String> {
    private static final MethodDescriptor<String, String> METHOD =
        MethodDescriptor.<String, String>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("test.Echo/Echo")
            .setRequestMarshaller(new Echo())
            .setResponseMarshaller(new Echo())
            .build();

    static ServerServiceDefinition service() {
      return ServerServiceDefinition.builder("test.Echo")
          .addMethod(
              METHOD,
              ServerCalls.asyncUnaryCall(
                  (request, responses) -> {
                    responses.onNext(request);
                    responses.onCompleted();
                  }))
          .build();
    }

    static String call(ManagedChannel channel, String text) {
      return ClientCalls.blockingUnaryCall(
          channel, METHOD, CallOptions.DEFAULT.withDeadlineAfter(20, SECONDS), text);
    }

    @Override
    public InputStream stream(String text) {
      return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String parse(InputStream stream) {
      try {
        return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
