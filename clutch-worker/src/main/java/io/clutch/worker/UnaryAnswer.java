package io.clutch.worker;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.ErrorStatus;
import io.clutch.v1.CallResponse;
import io.clutch.v1.Payload;
import io.grpc.stub.ServerCallStreamObserver;

/** Answers a unary RPC. */
final class UnaryAnswer implements Answer {

  private final ServerCallStreamObserver<CallResponse> response;

  UnaryAnswer(ServerCallStreamObserver<CallResponse> response) {
    this.response = response;
    // With a handler set, an answer to a caller that has gone is dropped instead of thrown back.
    response.setOnCancelHandler(() -> {});
  }

  @Override
  public void result(Payload result) {
    response.onNext(CallResponse.newBuilder().setPayload(result).build());
    response.onCompleted();
  }

  @Override
  public void failure(ClutchException failure) {
    response.onError(ErrorStatus.toStatus(failure));
  }
}
