package io.clutch.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.process.UnixSockets;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Started;
import io.clutch.v1.CallRequest;
import io.clutch.v1.CallResponse;
import io.clutch.v1.WorkerGrpc;
import io.grpc.Server;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Servers at paths. */
@EnabledOnOs(OS.LINUX)
final class UnixServersTest {

  @TempDir Path folder;

  @Test
  void callsReachTheServerAtItsPath() throws Exception {
    Path path = folder.resolve("server.sock");
    EventLoopGroup loops = UnixSockets.eventLoops("test-unix", 1);
    Server server = UnixSockets.server(path, loops).addService(new Echo()).build().start();
    try (ClutchClient client = client(path)) {
      assertThat(client.request("echo", "hello", String.class)).isEqualTo("hello");
    } finally {
      server.shutdownNow().awaitTermination();
      UnixSockets.stop(loops);
    }
  }

  @Test
  void theErrorNamesThePathWhereNobodyListens() {
    Path path = folder.resolve("nobody.sock");
    try (ClutchClient client = client(path)) {
      ClutchException failure =
          Failures.of(
              () ->
                  client.request(Request.of("echo", "hello").withTimeout(Duration.ofMillis(600))));

      assertThat(failure.started()).isEqualTo(Started.NO);
      assertThat(failure).hasMessageContaining("cannot reach " + path + ": ");
    }
  }

  private static ClutchClient client(Path path) {
    return ClutchClient.builder().servers("unix:" + path).build();
  }

  /** Knows no {@code Describe}: such servers are served, too. */
  private static final class Echo extends WorkerGrpc.WorkerImplBase {
    @Override
    public void call(CallRequest request, StreamObserver<CallResponse> responses) {
      responses.onNext(CallResponse.newBuilder().setPayload(request.getPayload()).build());
      responses.onCompleted();
    }
  }
}
