package io.clutch.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.process.UnixSockets;
import io.clutch.v1.CallStreamRequest;
import io.clutch.v1.CallStreamResponse;
import io.clutch.v1.StreamedCall;
import io.clutch.v1.WorkerGrpc;
import io.grpc.Server;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A sibling that does just what a test tells it. */
final class FakeSibling implements AutoCloseable {

  private final EventLoopGroup loops = UnixSockets.eventLoops("test-sibling", 1);
  private final Path socket;
  private final Server server;
  private final BlockingQueue<CallStreamRequest> heard = new LinkedBlockingQueue<>();
  private final BlockingQueue<StreamObserver<CallStreamResponse>> streams =
      new LinkedBlockingQueue<>();

  FakeSibling(Path socket) throws IOException {
    this.socket = socket;
    this.server = UnixSockets.server(socket, loops).addService(new Service()).build().start();
  }

  String socket() {
    return socket.toString();
  }

  /** The next stream that is opened to it. */
  StreamObserver<CallStreamResponse> awaitStream() throws InterruptedException {
    StreamObserver<CallStreamResponse> stream = streams.poll(20, TimeUnit.SECONDS);
    assertThat(stream).as("a stream").isNotNull();
    return stream;
  }

  /** Whether a stream was opened that nobody has waited for. */
  boolean hasStream() {
    return !streams.isEmpty();
  }

  static void say(
      StreamObserver<CallStreamResponse> stream, Consumer<CallStreamResponse.Builder> content) {
    CallStreamResponse.Builder message = CallStreamResponse.newBuilder();
    content.accept(message);
    stream.onNext(message.build());
  }

  /** The next call that it is given. */
  StreamedCall awaitCall() throws InterruptedException {
    while (true) {
      CallStreamRequest message = awaitMessage();
      if (message.getCallsCount() > 0) {
        assertThat(message.getCallsList()).hasSize(1);
        return message.getCalls(0);
      }
    }
  }

  /** The next word of how many calls wait. */
  int awaitWaiting() throws InterruptedException {
    while (true) {
      CallStreamRequest message = awaitMessage();
      if (message.hasWaiting()) {
        return message.getWaiting();
      }
    }
  }

  CallStreamRequest awaitMessage() throws InterruptedException {
    CallStreamRequest message = heard.poll(20, TimeUnit.SECONDS);
    assertThat(message).as("a message").isNotNull();
    return message;
  }

  /** It dies. */
  void die() {
    server.shutdownNow();
  }

  @Override
  public void close() throws InterruptedException {
    assertThat(server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    UnixSockets.stop(loops);
  }

  private final class Service extends WorkerGrpc.WorkerImplBase {
    @Override
    public StreamObserver<CallStreamRequest> callStream(
        StreamObserver<CallStreamResponse> response) {
      streams.add(response);
      return new StreamObserver<>() {
        @Override
        public void onNext(CallStreamRequest message) {
          heard.add(message);
        }

        @Override
        public void onError(Throwable lost) {}

        @Override
        public void onCompleted() {
          response.onCompleted();
        }
      };
    }
  }
}
