package io.clutch.client.internal.balance;

import com.google.common.base.Strings;
import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import io.clutch.v1.DescribeRequest;
import io.clutch.v1.DescribeResponse;
import io.clutch.v1.WorkerGrpc;
import io.grpc.CallOptions;
import io.grpc.ClientStreamTracer;
import io.grpc.ConnectivityState;
import io.grpc.ConnectivityStateInfo;
import io.grpc.EquivalentAddressGroup;
import io.grpc.LoadBalancer;
import io.grpc.LoadBalancer.CreateSubchannelArgs;
import io.grpc.LoadBalancer.PickResult;
import io.grpc.LoadBalancer.Subchannel;
import io.grpc.Status;
import io.grpc.SynchronizationContext;
import io.grpc.stub.ClientCalls;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A connection that gRPC makes. Owned by the synchronization context. */
final class SubchannelWire implements Wire {

  private final Subchannel subchannel;
  private final SynchronizationContext context;
  private final Duration patience;
  private final Consumer<SubchannelWire> onGone;

  /**
   * @param patience how long the process may take to say who it is
   * @param onGone is told when gRPC has let go of it
   */
  SubchannelWire(
      LoadBalancer.Helper helper,
      EquivalentAddressGroup addresses,
      Duration patience,
      Consumer<SubchannelWire> onGone) {
    this.onGone = onGone;
    this.context = helper.getSynchronizationContext();
    this.patience = patience;
    this.subchannel =
        helper.createSubchannel(
            CreateSubchannelArgs.newBuilder()
                .setAddresses(addresses)
                // When to try again is for the server to say; gRPC would wait for minutes.
                .addOption(LoadBalancer.DISABLE_SUBCHANNEL_RECONNECT_KEY, true)
                .build());
  }

  @Override
  public void connect(Listener listener) {
    subchannel.start(state -> changed(state, listener));
    subchannel.requestConnection();
  }

  private void changed(ConnectivityStateInfo info, Listener listener) {
    if (info.getState() == ConnectivityState.READY) {
      listener.connected();
    } else if (info.getState() == ConnectivityState.TRANSIENT_FAILURE) {
      listener.failed(text(info.getStatus()));
    } else if (info.getState() == ConnectivityState.IDLE) {
      listener.failed("the connection was closed");
    } else if (info.getState() == ConnectivityState.SHUTDOWN) {
      onGone.accept(this);
    }
  }

  @Override
  public void greet(Listener listener) {
    ListenableFuture<DescribeResponse> answer =
        ClientCalls.futureUnaryCall(
            subchannel
                .asChannel()
                .newCall(
                    WorkerGrpc.getDescribeMethod(),
                    CallOptions.DEFAULT.withDeadlineAfter(
                        patience.toNanos(), TimeUnit.NANOSECONDS)),
            DescribeRequest.getDefaultInstance());
    Futures.addCallback(
        answer,
        new FutureCallback<DescribeResponse>() {
          @Override
          public void onSuccess(@Nullable DescribeResponse description) {
            listener.greeted(description == null ? Greeting.ANONYMOUS : Greeting.of(description));
          }

          @Override
          public void onFailure(Throwable failure) {
            Status status = Status.fromThrowable(failure);
            switch (status.getCode()) {
              case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELLED -> listener.failed(text(status));
              // It answered, though it does not know the question or won't tell.
              default -> listener.greeted(Greeting.ANONYMOUS);
            }
          }
        },
        context);
  }

  @Override
  public PickResult result(ClientStreamTracer.Factory tracers) {
    return PickResult.withSubchannel(subchannel, tracers);
  }

  @Override
  public void close() {
    subchannel.shutdown();
  }

  /** What went wrong, as short as it goes. */
  private static String text(Status status) {
    String text = Strings.nullToEmpty(status.getDescription());
    for (Throwable cause = status.getCause(); cause != null; cause = cause.getCause()) {
      // The innermost one that says something says most.
      text =
          Strings.isNullOrEmpty(cause.getMessage())
              ? (text.isEmpty() ? "" : text + ": ") + cause.getClass().getSimpleName()
              : cause.getMessage();
    }
    return text.isEmpty() ? status.getCode().name() : ConnectionTrouble.explain(text);
  }
}
