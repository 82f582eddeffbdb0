package io.clutch.worker;

import io.clutch.process.UnixSockets;
import io.clutch.v1.CallStreamRequest;
import io.clutch.v1.CallStreamResponse;
import io.clutch.v1.WorkerGrpc;
import io.clutch.worker.internal.siblings.Siblings;
import io.clutch.worker.internal.siblings.WaitingCalls;
import io.grpc.Server;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.TimeUnit;

/**
 * What connects this process with its siblings: a gRPC server of its own, on a socket that no
 * client reaches, where they bring calls; and the way by which calls that wait here get to them.
 * Thread-safe.
 */
final class SiblingLink {

  private final Server server;
  private final Siblings siblings;

  private SiblingLink(Server server, Siblings siblings) {
    this.server = server;
    this.siblings = siblings;
  }

  /**
   * Begins to take calls of siblings.
   *
   * @param maxInboundSize of one message, in bytes
   * @throws IOException where the socket cannot be had
   */
  static SiblingLink open(
      SiblingSocket socket, CallStreams streams, WaitingCalls waiting, int maxInboundSize)
      throws IOException {
    Server server =
        UnixSockets.server(socket.path(), socket.loops())
            .maxInboundMessageSize(maxInboundSize)
            .addService(new Service(streams))
            .build()
            .start();
    return new SiblingLink(server, new Siblings(socket.loops().next(), waiting));
  }

  Siblings siblings() {
    return siblings;
  }

  void update(Collection<String> sockets) {
    siblings.update(sockets);
  }

  /** Takes no further siblings; those that are there come to their end as all call streams do. */
  void shutdown() {
    var unused = server.shutdown();
  }

  boolean awaitTermination(Duration atMost) throws InterruptedException {
    return server.awaitTermination(atMost.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Ends all of it. */
  void close() {
    siblings.close();
    var unused = server.shutdownNow();
  }

  /** Siblings have nothing to ask but that; who reaches the socket is of the pool's own user. */
  private static final class Service extends WorkerGrpc.WorkerImplBase {
    private final CallStreams streams;

    private Service(CallStreams streams) {
      this.streams = streams;
    }

    @Override
    public StreamObserver<CallStreamRequest> callStream(
        StreamObserver<CallStreamResponse> response) {
      return streams.openForSibling(
          Caller.CURRENT.get(), (ServerCallStreamObserver<CallStreamResponse>) response);
    }
  }
}
