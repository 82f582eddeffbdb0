package io.clutch.client;

import static java.util.Objects.requireNonNull;

import io.clutch.client.internal.stream.OutgoingCall;
import io.clutch.v1.CallRequest;
import io.clutch.v1.CallResponse;
import io.clutch.v1.DescribeRequest;
import io.clutch.v1.DescribeResponse;
import io.clutch.v1.EnqueueRequest;
import io.clutch.v1.EnqueueResponse;
import io.clutch.v1.Payload;
import io.clutch.v1.WorkerGrpc;
import io.grpc.MethodDescriptor;
import java.util.function.Function;

/**
 * What a call is as an RPC of its own.
 *
 * @param request makes the message
 * @param answer reads the message
 * @param <Q> the request on the wire
 * @param <S> the response on the wire
 * @param <R> the answer
 */
record UnaryForm<Q, S, R>(
    MethodDescriptor<Q, S> method, Function<OutgoingCall, Q> request, Function<S, R> answer) {

  static final UnaryForm<CallRequest, CallResponse, Payload> CALL =
      new UnaryForm<>(
          WorkerGrpc.getCallMethod(),
          call ->
              CallRequest.newBuilder()
                  .setFunction(call.function())
                  .setPayload(call.payload())
                  .setCallId(call.callId())
                  .build(),
          CallResponse::getPayload);

  static final UnaryForm<EnqueueRequest, EnqueueResponse, String> BACKGROUND =
      new UnaryForm<>(
          WorkerGrpc.getEnqueueMethod(),
          call ->
              EnqueueRequest.newBuilder()
                  .setFunction(call.function())
                  .setPayload(call.payload())
                  .setCallId(call.callId())
                  .build(),
          EnqueueResponse::getCallId);

  /** {@link #BACKGROUND} of a durable call, whose answer is the job's id. */
  static final UnaryForm<EnqueueRequest, EnqueueResponse, String> DURABLE =
      new UnaryForm<>(
          WorkerGrpc.getEnqueueMethod(),
          call ->
              BACKGROUND.request().apply(call).toBuilder()
                  .setDurable(requireNonNull(call.durable()))
                  .build(),
          EnqueueResponse::getJobId);

  /** Not a call, but repeated like one. */
  static final UnaryForm<DescribeRequest, DescribeResponse, DescribeResponse> DESCRIBE =
      new UnaryForm<>(
          WorkerGrpc.getDescribeMethod(),
          call -> DescribeRequest.getDefaultInstance(),
          response -> response);
}
