package io.clutch.supervisor.internal.control;

import io.clutch.process.UnixSockets;
import io.clutch.v1.AttachRequest;
import io.clutch.v1.AttachResponse;
import io.clutch.v1.PoolGrpc;
import io.clutch.v1.RestartRequest;
import io.clutch.v1.RestartResponse;
import io.clutch.v1.ScaleRequest;
import io.clutch.v1.ScaleResponse;
import io.clutch.v1.StatusRequest;
import io.clutch.v1.StatusResponse;
import io.clutch.v1.StopRequest;
import io.clutch.v1.StopResponse;
import io.clutch.v1.SupervisorGrpc;
import io.clutch.v1.WatchRequest;
import io.clutch.v1.WatchResponse;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The gRPC server on the control socket: turns RPCs into {@link ControlRequests}. */
public final class ControlServer {

  private final Server server;

  private ControlServer(Server server) {
    this.server = server;
  }

  /** Serves at {@code socket}, which must be free. */
  public static ControlServer start(Path socket, EventLoopGroup loops, ControlRequests requests)
      throws IOException {
    return new ControlServer(
        UnixSockets.server(socket, loops)
            .addService(new SupervisorService(requests))
            .addService(new PoolService(requests))
            .addService(ProtoReflectionServiceV1.newInstance())
            .build()
            .start());
  }

  /** Ends it, when what was answered has left. */
  public void close() {
    server.shutdown();
    try {
      if (!server.awaitTermination(1, TimeUnit.SECONDS)) {
        server.shutdownNow();
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  private static final class SupervisorService extends SupervisorGrpc.SupervisorImplBase {
    private final ControlRequests requests;

    SupervisorService(ControlRequests requests) {
      this.requests = requests;
    }

    @Override
    public StreamObserver<AttachRequest> attach(StreamObserver<AttachResponse> responses) {
      ServerCallStreamObserver<AttachResponse> observer =
          (ServerCallStreamObserver<AttachResponse>) responses;
      // Without a handler, what is sent to a child that has gone would be an error.
      observer.setOnCancelHandler(() -> {});
      return new Attachment(requests, observer);
    }
  }

  /** One child's stream; gRPC calls it on one thread at a time. */
  private static final class Attachment implements StreamObserver<AttachRequest> {
    private final ControlRequests requests;
    private final ServerCallStreamObserver<AttachResponse> responses;
    private @Nullable ChildStream stream;

    Attachment(ControlRequests requests, ServerCallStreamObserver<AttachResponse> responses) {
      this.requests = requests;
      this.responses = responses;
    }

    @Override
    public void onNext(AttachRequest message) {
      ChildStream attached = stream;
      if (attached != null) {
        requests.received(attached, message);
      } else if (message.hasHello()) {
        stream = new ChildStream(responses);
        requests.attach(message.getHello(), stream);
      } else {
        responses.onError(
            Status.FAILED_PRECONDITION
                .withDescription("the first message must be hello")
                .asRuntimeException());
      }
    }

    @Override
    public void onError(Throwable lost) {
      end();
    }

    @Override
    public void onCompleted() {
      end();
    }

    private void end() {
      ChildStream attached = stream;
      if (attached != null) {
        requests.ended(attached);
      }
    }
  }

  private static final class PoolService extends PoolGrpc.PoolImplBase {
    private final ControlRequests requests;

    PoolService(ControlRequests requests) {
      this.requests = requests;
    }

    @Override
    public void status(StatusRequest request, StreamObserver<StatusResponse> response) {
      requests.status(
          pool -> {
            response.onNext(StatusResponse.newBuilder().setPool(pool).build());
            response.onCompleted();
          });
    }

    @Override
    public void watch(WatchRequest request, StreamObserver<WatchResponse> responses) {
      requests.watch((ServerCallStreamObserver<WatchResponse>) responses);
    }

    @Override
    public void restart(RestartRequest request, StreamObserver<RestartResponse> responses) {
      requests.restart(
          RemoteFollower.of(
              responses,
              (event, done, total) ->
                  RestartResponse.newBuilder()
                      .setEvent(event)
                      .setDone(done)
                      .setTotal(total)
                      .build()));
    }

    @Override
    public void scale(ScaleRequest request, StreamObserver<ScaleResponse> responses) {
      requests.scale(
          request.getMaxWorkers(),
          RemoteFollower.of(
              responses,
              (event, done, total) -> ScaleResponse.newBuilder().setEvent(event).build()));
    }

    @Override
    public void stop(StopRequest request, StreamObserver<StopResponse> responses) {
      requests.stop(
          RemoteFollower.of(
              responses,
              (event, done, total) -> StopResponse.newBuilder().setEvent(event).build()));
    }
  }
}
