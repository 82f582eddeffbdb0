package io.clutch.supervisor.internal.control;

import io.clutch.v1.PoolEvent;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/** A follower at the other end of an RPC; may go away at any time. */
final class RemoteFollower<R> implements Follower {

  /** Makes a response of an event. */
  interface Response<R> {
    R of(PoolEvent event, int done, int total);
  }

  private final ServerCallStreamObserver<R> responses;
  private final Response<R> response;

  private RemoteFollower(ServerCallStreamObserver<R> responses, Response<R> response) {
    this.responses = responses;
    this.response = response;
    // Without a handler, what is sent to someone who has gone would be an error.
    responses.setOnCancelHandler(() -> {});
  }

  static <R> Follower of(StreamObserver<R> responses, Response<R> response) {
    return new RemoteFollower<>((ServerCallStreamObserver<R>) responses, response);
  }

  @Override
  public void event(PoolEvent event, int done, int total) {
    // Details, such as thread dumps, are in the status.
    responses.onNext(response.of(event.toBuilder().clearDetail().build(), done, total));
  }

  @Override
  public void done() {
    responses.onCompleted();
  }

  @Override
  public void failed(Status.Code code, String why) {
    responses.onError(code.toStatus().withDescription(why).asRuntimeException());
  }
}
