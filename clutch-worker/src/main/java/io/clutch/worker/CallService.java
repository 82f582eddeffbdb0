package io.clutch.worker;

import com.google.common.util.concurrent.MoreExecutors;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.ErrorStatus;
import io.clutch.protocol.Reason;
import io.clutch.v1.CallRequest;
import io.clutch.v1.CallResponse;
import io.clutch.v1.CallStreamRequest;
import io.clutch.v1.CallStreamResponse;
import io.clutch.v1.DescribeRequest;
import io.clutch.v1.DescribeResponse;
import io.clutch.v1.EnqueueRequest;
import io.clutch.v1.EnqueueResponse;
import io.clutch.v1.WorkerGrpc;
import io.clutch.worker.FunctionCall.Asked;
import io.clutch.worker.Intake.Admitted;
import io.clutch.worker.internal.dispatch.Dispatcher;
import io.clutch.worker.internal.dispatch.Ticket;
import io.clutch.worker.internal.telemetry.CallRecord;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.TimeoutException;

/**
 * The gRPC edge: RPCs to calls. Runs on the network's threads and returns at once (but for inline
 * functions): what takes time is left to the dispatcher.
 */
final class CallService extends WorkerGrpc.WorkerImplBase {

  private final FunctionCall.Engine engine;
  private final Dispatcher dispatcher;
  private final Intake intake;
  private final CallStreams streams;
  private final DurableCalls durable;
  private final Description description;

  CallService(
      FunctionCall.Engine engine,
      Dispatcher dispatcher,
      Intake intake,
      CallStreams streams,
      DurableCalls durable,
      Description description) {
    this.engine = engine;
    this.dispatcher = dispatcher;
    this.intake = intake;
    this.streams = streams;
    this.durable = durable;
    this.description = description;
  }

  @Override
  public void call(CallRequest request, StreamObserver<CallResponse> response) {
    Caller caller = Caller.CURRENT.get();
    String id = intake.id(request.getCallId());
    CallRecord record = intake.received(request.getFunction(), id, false, caller);
    try {
      Context context = Context.current();
      Admitted admitted = intake.admit(caller, request.getFunction());
      FunctionCall call =
          accept(
              new Asked(
                  admitted.function(),
                  request.getPayload(),
                  id,
                  false,
                  caller,
                  admitted.identity(),
                  context.getDeadline()),
              context,
              new UnaryAnswer((ServerCallStreamObserver<CallResponse>) response),
              record);
      if (call.function().isInline()) {
        dispatcher.enter();
        call.run().run();
      } else {
        cancelWithCaller(dispatcher.submitMovable(call));
      }
    } catch (ClutchException e) {
      record.ended(e);
      response.onError(ErrorStatus.toStatus(e));
    }
  }

  @Override
  public void enqueue(EnqueueRequest request, StreamObserver<EnqueueResponse> response) {
    Caller caller = Caller.CURRENT.get();
    String id = intake.id(request.getCallId());
    CallRecord record = intake.received(request.getFunction(), id, true, caller);
    try {
      Admitted admitted = intake.admit(caller, request.getFunction());
      if (request.hasDurable()) {
        keep(request, id, caller, admitted, record, response);
        return;
      }
      // Not under this RPC's context: that ends with the acceptance, the call runs on.
      FunctionCall call =
          accept(
              new Asked(
                  admitted.function(),
                  request.getPayload(),
                  id,
                  true,
                  caller,
                  admitted.identity(),
                  null),
              Context.ROOT,
              new BackgroundAnswer(request.getFunction(), id),
              record);
      dispatcher.submit(call);
      response.onNext(EnqueueResponse.newBuilder().setCallId(id).build());
      response.onCompleted();
    } catch (ClutchException e) {
      record.ended(e);
      response.onError(ErrorStatus.toStatus(e));
    }
  }

  private void keep(
      EnqueueRequest request,
      String id,
      Caller caller,
      Admitted admitted,
      CallRecord record,
      StreamObserver<EnqueueResponse> response) {
    engine.invoker().checkSize(admitted.function(), request.getPayload());
    var unused =
        durable
            .accept(admitted, request.getPayload(), id, caller, request.getDurable())
            .whenComplete(
                (job, failure) -> {
                  if (failure != null) {
                    ClutchException why = JobService.clutchFailure(failure);
                    record.ended(why);
                    response.onError(ErrorStatus.toStatus(why));
                    return;
                  }
                  // It counts when it runs.
                  record.returned();
                  response.onNext(
                      EnqueueResponse.newBuilder()
                          .setCallId(id)
                          .setJobId(job.jobId())
                          .setExisted(job.existed())
                          .build());
                  response.onCompleted();
                });
  }

  @Override
  public StreamObserver<CallStreamRequest> callStream(StreamObserver<CallStreamResponse> response) {
    return streams.open(
        Caller.CURRENT.get(), (ServerCallStreamObserver<CallStreamResponse>) response);
  }

  @Override
  public void describe(DescribeRequest request, StreamObserver<DescribeResponse> response) {
    response.onNext(description.now());
    response.onCompleted();
  }

  private FunctionCall accept(Asked asked, Context context, Answer answer, CallRecord record) {
    engine.invoker().checkSize(asked.function(), asked.argument());
    return new FunctionCall(engine, asked, context, answer, record);
  }

  private static void cancelWithCaller(Ticket ticket) {
    Context.current()
        .addListener(
            context -> {
              Throwable cause = context.cancellationCause();
              if (cause instanceof TimeoutException) {
                ticket.cancel(Reason.DEADLINE_EXCEEDED, "the caller's deadline passed");
              } else if (cause != null) {
                ticket.cancel(
                    Reason.CANCELLED, "the caller cancelled the call, or its connection was lost");
              }
            },
            MoreExecutors.directExecutor());
  }
}
