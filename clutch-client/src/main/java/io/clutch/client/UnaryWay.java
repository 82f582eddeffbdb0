package io.clutch.client;

import static java.util.Objects.requireNonNull;

import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import io.clutch.client.internal.balance.CallTrail;
import io.clutch.client.internal.stream.OutgoingCall;
import io.clutch.protocol.ErrorStatus;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import org.jspecify.annotations.Nullable;

/** Each attempt is an RPC. */
final class UnaryWay implements Way {

  private final Channels channels;

  UnaryWay(Channels channels) {
    this.channels = channels;
  }

  @Override
  public <R> Sent attempt(OutgoingCall call, UnaryForm<?, ?, R> form, RepeatingCall<R, ?> caller) {
    return new Attempt<>(channels, call, form, caller);
  }

  private static final class Attempt<Q, S, R> implements Sent, FutureCallback<S> {
    private final Channels channels;
    private final OutgoingCall call;
    private final UnaryForm<Q, S, R> form;
    private final RepeatingCall<R, ?> caller;
    private final CallTrail trail;
    private final SendEvidence evidence;
    private volatile @Nullable ListenableFuture<S> rpc;

    Attempt(
        Channels channels, OutgoingCall call, UnaryForm<Q, S, R> form, RepeatingCall<R, ?> caller) {
      this.channels = channels;
      this.call = call;
      this.form = form;
      this.caller = caller;
      this.trail = caller.history().trail();
      this.evidence = new SendEvidence(trail.newAttempt()::end);
    }

    @Override
    public void start() {
      CallOptions options =
          CallOptions.DEFAULT
              .withDeadline(caller.deadline())
              .withStreamTracerFactory(evidence)
              .withOption(CallTrail.KEY, trail);
      ListenableFuture<S> sent;
      Context previous = caller.context().attach();
      try {
        sent = ClientCalls.futureUnaryCall(newCall(options), form.request().apply(call));
      } finally {
        caller.context().detach(previous);
      }
      rpc = sent;
      Futures.addCallback(sent, this, MoreExecutors.directExecutor());
    }

    private ClientCall<Q, S> newCall(CallOptions options) {
      if (call.headers().isEmpty()) {
        return channels.channel().newCall(form.method(), options);
      }
      Metadata headers = new Metadata();
      call.headers()
          .forEach(
              (name, value) ->
                  headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value));
      return MetadataUtils.newAttachHeadersInterceptor(headers)
          .interceptCall(form.method(), options, channels.channel());
    }

    @Override
    public void cancel() {
      ListenableFuture<S> underWay = rpc;
      if (underWay != null) {
        // gRPC cancels the RPC only where it may interrupt.
        underWay.cancel(true);
      }
    }

    @Override
    public @Nullable String server() {
      return trail.server().orElse(null);
    }

    @Override
    public void onSuccess(@Nullable S response) {
      caller.succeeded(form.answer().apply(requireNonNull(response)));
    }

    @Override
    public void onFailure(Throwable thrown) {
      Status status = Status.fromThrowable(thrown);
      Metadata trailers =
          thrown instanceof StatusRuntimeException withTrailers ? withTrailers.getTrailers() : null;
      caller.failed(
          ErrorStatus.fromStatus(status, trailers, evidence.started(status)), evidence.isSent());
    }
  }
}
