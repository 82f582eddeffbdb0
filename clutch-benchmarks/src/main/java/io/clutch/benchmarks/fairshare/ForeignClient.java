package io.clutch.benchmarks.fairshare;

import io.clutch.benchmarks.load.Done;
import io.clutch.benchmarks.server.Functions;
import io.clutch.v1.CallRequest;
import io.clutch.v1.CallResponse;
import io.clutch.v1.Payload;
import io.clutch.v1.WorkerGrpc;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.TimeUnit;

/** What a client in another language is: a stub of gRPC, over one connection. */
final class ForeignClient implements ShareClient {

  private final ManagedChannel channel;
  private final WorkerGrpc.WorkerStub stub;

  ForeignClient(String address) {
    channel = NettyChannelBuilder.forTarget(address).usePlaintext().build();
    stub = WorkerGrpc.newStub(channel);
  }

  @Override
  public void sleep(int millis, Done done) {
    stub.withDeadlineAfter(ShareClientProgram.DEADLINE.toNanos(), TimeUnit.NANOSECONDS)
        .call(
            CallRequest.newBuilder()
                .setFunction(Functions.SLEEP)
                .setPayload(Payload.newBuilder().setJson(String.valueOf(millis)))
                .build(),
            new StreamObserver<>() {
              @Override
              public void onNext(CallResponse value) {}

              @Override
              public void onError(Throwable failure) {
                done.done(failure);
              }

              @Override
              public void onCompleted() {
                done.done(null);
              }
            });
  }

  @Override
  public void close() {
    ManagedChannel unused = channel.shutdownNow();
  }
}
