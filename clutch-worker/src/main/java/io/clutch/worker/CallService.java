package io.clutch.worker;

import com.google.common.base.Strings;
import com.google.common.util.concurrent.MoreExecutors;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.ErrorStatus;
import io.clutch.protocol.Reason;
import io.clutch.security.Identity;
import io.clutch.v1.CallRequest;
import io.clutch.v1.CallResponse;
import io.clutch.v1.DescribeRequest;
import io.clutch.v1.DescribeResponse;
import io.clutch.v1.EnqueueRequest;
import io.clutch.v1.EnqueueResponse;
import io.clutch.v1.Payload;
import io.clutch.v1.WorkerGrpc;
import io.clutch.worker.internal.dispatch.Dispatcher;
import io.clutch.worker.internal.dispatch.Ticket;
import io.clutch.worker.internal.telemetry.CallRecord;
import io.grpc.Context;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The gRPC edge: RPCs to calls. Runs on the network's threads and returns at once (but for inline
 * functions): what takes time is left to the dispatcher.
 */
final class CallService extends WorkerGrpc.WorkerImplBase {

  private final FunctionCall.Engine engine;
  private final Dispatcher dispatcher;
  private final Description description;
  private final Door door;
  private final String idPrefix;
  private final AtomicLong lastId = new AtomicLong();

  /**
   * @param idPrefix in front of the ids this worker makes, so that they differ between workers
   */
  CallService(
      FunctionCall.Engine engine,
      Dispatcher dispatcher,
      Description description,
      Door door,
      String idPrefix) {
    this.engine = engine;
    this.dispatcher = dispatcher;
    this.description = description;
    this.door = door;
    this.idPrefix = idPrefix;
  }

  @Override
  public void call(CallRequest request, StreamObserver<CallResponse> response) {
    String id = id(request.getCallId());
    CallRecord record = received(request.getFunction(), id, false);
    try {
      FunctionCall call =
          accept(
              request.getFunction(),
              request.getPayload(),
              id,
              false,
              Context.current(),
              new UnaryAnswer((ServerCallStreamObserver<CallResponse>) response),
              record);
      if (call.function().isInline()) {
        dispatcher.enter();
        call.run().run();
      } else {
        cancelWithCaller(dispatcher.submit(call));
      }
    } catch (ClutchException e) {
      record.ended(e);
      response.onError(ErrorStatus.toStatus(e));
    }
  }

  @Override
  public void enqueue(EnqueueRequest request, StreamObserver<EnqueueResponse> response) {
    String id = id(request.getCallId());
    CallRecord record = received(request.getFunction(), id, true);
    try {
      // Not under this RPC's context: that ends with the acceptance, the call runs on.
      FunctionCall call =
          accept(
              request.getFunction(),
              request.getPayload(),
              id,
              true,
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

  @Override
  public void describe(DescribeRequest request, StreamObserver<DescribeResponse> response) {
    response.onNext(description.now());
    response.onCompleted();
  }

  private CallRecord received(String function, String id, boolean background) {
    Caller caller = Caller.CURRENT.get();
    return engine.telemetry().received(function, id, background, caller.metadata(), caller.peer());
  }

  private FunctionCall accept(
      String name,
      Payload argument,
      String id,
      boolean background,
      Context context,
      Answer answer,
      CallRecord record) {
    if (name.isEmpty()) {
      throw ClutchException.notStarted(
          Reason.BAD_ARGUMENTS, "the request names no function (field 'function' is empty)");
    }
    Caller caller = Caller.CURRENT.get();
    Identity identity = door.pass(caller, name);
    Invoker invoker = engine.invoker();
    FunctionDefinition function = invoker.functions().get(name);
    invoker.checkSize(function, argument);
    return new FunctionCall(
        engine, function, argument, id, background, caller, identity, context, answer, record);
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

  private String id(String own) {
    return Strings.isNullOrEmpty(own) ? idPrefix + lastId.incrementAndGet() : own;
  }
}
