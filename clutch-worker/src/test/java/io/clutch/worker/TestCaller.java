package io.clutch.worker;

import com.google.common.util.concurrent.ListenableFuture;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.ErrorStatus;
import io.clutch.protocol.PayloadCodec;
import io.clutch.protocol.ServerAddress;
import io.clutch.protocol.Started;
import io.clutch.v1.CallRequest;
import io.clutch.v1.CallResponse;
import io.clutch.v1.EnqueueRequest;
import io.clutch.v1.Payload;
import io.clutch.v1.WorkerGrpc;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Calls a worker with gRPC's own stubs, as a client in another language does. */
final class TestCaller implements AutoCloseable {

  private final ManagedChannel channel;

  TestCaller(Worker worker) {
    this(worker.address());
  }

  TestCaller(ServerAddress address) {
    channel = NettyChannelBuilder.forAddress(address.host(), address.port()).usePlaintext().build();
  }

  ManagedChannel channel() {
    return channel;
  }

  WorkerGrpc.WorkerBlockingStub stub() {
    return WorkerGrpc.newBlockingStub(channel).withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  static CallRequest request(String function, Object argument) {
    return CallRequest.newBuilder()
        .setFunction(function)
        .setPayload(PayloadCodec.standard().encode(argument))
        .build();
  }

  Payload call(String function, Object argument) {
    return stub().call(request(function, argument)).getPayload();
  }

  <T> T call(String function, Object argument, Class<T> type) {
    return type.cast(PayloadCodec.standard().decode(call(function, argument), type));
  }

  ListenableFuture<CallResponse> start(String function, Object argument, Duration timeout) {
    return WorkerGrpc.newFutureStub(channel)
        .withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS)
        .call(request(function, argument));
  }

  ListenableFuture<CallResponse> start(String function, Object argument) {
    return start(function, argument, Duration.ofSeconds(30));
  }

  String enqueue(String function, Object argument) {
    return stub()
        .enqueue(
            EnqueueRequest.newBuilder()
                .setFunction(function)
                .setPayload(PayloadCodec.standard().encode(argument))
                .build())
        .getCallId();
  }

  /** The failure that {@code code} ends with. */
  static ClutchException failureOf(Runnable code) {
    try {
      code.run();
    } catch (StatusRuntimeException e) {
      return failure(e);
    }
    throw new AssertionError("no failure");
  }

  /** The failure that a future ends with. */
  static ClutchException failureOf(ListenableFuture<?> future) throws Exception {
    try {
      Object result = future.get(30, TimeUnit.SECONDS);
      throw new AssertionError("no failure but " + result);
    } catch (java.util.concurrent.ExecutionException e) {
      return failure((StatusRuntimeException) e.getCause());
    }
  }

  static ClutchException failure(StatusRuntimeException e) {
    return ErrorStatus.fromStatus(e.getStatus(), e.getTrailers(), Started.UNKNOWN);
  }

  @Override
  public void close() throws InterruptedException {
    channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
  }
}
