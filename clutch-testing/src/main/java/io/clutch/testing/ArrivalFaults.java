package io.clutch.testing;

import com.google.common.util.concurrent.MoreExecutors;
import io.clutch.protocol.ErrorStatus;
import io.clutch.v1.CallRequest;
import io.clutch.v1.EnqueueRequest;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What goes wrong with requests before and after the worker has them. Counts them, too. */
final class ArrivalFaults implements ServerInterceptor {

  private final FaultPlan plan;
  private final CallCounts counts;
  private final UnderWay underWay;
  private final ScheduledExecutorService timer;
  private final Consumer<Duration> onWait;
  private volatile boolean isMute;

  /**
   * @param onWait is told when a caller begins to wait, and for how long
   */
  ArrivalFaults(
      FaultPlan plan,
      CallCounts counts,
      UnderWay underWay,
      ScheduledExecutorService timer,
      Consumer<Duration> onWait) {
    this.plan = plan;
    this.counts = counts;
    this.underWay = underWay;
    this.timer = timer;
    this.onWait = onWait;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    MutableCall<Q, R> mutable = new MutableCall<>(call);
    return new Arrival<>(next.startCall(mutable, headers), mutable);
  }

  /** The function that a request calls; null where it is none of that kind. */
  private static @Nullable String function(Object request) {
    if (request instanceof CallRequest call) {
      return call.getFunction();
    }
    return request instanceof EnqueueRequest enqueue ? enqueue.getFunction() : null;
  }

  /**
   * From now on no answer leaves: the worker is lost. It would hear of that before its callers do,
   * and tell them.
   */
  void mute() {
    isMute = true;
  }

  /** An RPC whose answer can be swallowed. */
  private final class MutableCall<Q, R> extends SimpleForwardingServerCall<Q, R> {

    /** The caller's; null where it has none. */
    private final @Nullable Deadline deadline = Context.current().getDeadline();

    private volatile boolean isDropped;

    private MutableCall(ServerCall<Q, R> call) {
      super(call);
    }

    private void dropAnswer() {
      isDropped = true;
    }

    /** The caller hears nothing until its deadline. */
    private void waitForDeadline() {
      if (deadline != null) {
        onWait.accept(Duration.ofNanos(Math.max(0, deadline.timeRemaining(TimeUnit.NANOSECONDS))));
      }
    }

    @Override
    public void sendHeaders(Metadata headers) {
      if (!isMute && !isDropped) {
        super.sendHeaders(headers);
      }
    }

    @Override
    public void sendMessage(R message) {
      if (!isMute && !isDropped) {
        super.sendMessage(message);
      }
    }

    @Override
    public void close(Status status, Metadata trailers) {
      if (isDropped) {
        waitForDeadline();
      } else if (!isMute) {
        super.close(status, trailers);
      }
    }
  }

  /**
   * The request of an RPC on its way to the worker. A delayed one comes on the clock's thread, and
   * the RPC may end on another one meanwhile: they take turns, and none waits for the other.
   */
  private final class Arrival<Q> extends SimpleForwardingServerCallListener<Q> {

    private final MutableCall<Q, ?> call;

    private final Executor turns = MoreExecutors.newSequentialExecutor(Runnable::run);

    /** Once the request has come. */
    private boolean isCounted;

    private Optional<Fault> fault = Optional.empty();

    /** What is held back. */
    private @Nullable Q held;

    private Arrival(ServerCall.Listener<Q> worker, MutableCall<Q, ?> call) {
      super(worker);
      this.call = call;
    }

    @Override
    public void onMessage(Q request) {
      String function = function(request);
      if (function != null) {
        isCounted = true;
        underWay.begin();
        counts.received(function);
        fault = plan.takeAtArrival(function);
      }
      if (fault.isEmpty()) {
        super.onMessage(request);
      } else if (fault.get() instanceof Fault.DropAnswer) {
        call.dropAnswer();
        super.onMessage(request);
      } else if (fault.get() instanceof Fault.Delay) {
        held = request;
      }
    }

    @Override
    public void onHalfClose() {
      if (fault.isEmpty() || fault.get() instanceof Fault.DropAnswer) {
        super.onHalfClose();
      } else if (fault.get() instanceof Fault.Delay delay) {
        var unused =
            timer.schedule(
                () -> turns.execute(this::goOn), delay.duration().toNanos(), TimeUnit.NANOSECONDS);
        onWait.accept(delay.duration());
      } else if (fault.get() instanceof Fault.Refuse refusal) {
        StatusRuntimeException status = ErrorStatus.toStatus(refusal.why());
        Metadata trailers = status.getTrailers();
        call.close(status.getStatus(), trailers == null ? new Metadata() : trailers);
      } else {
        call.waitForDeadline();
      }
    }

    private void goOn() {
      Q request = held;
      if (request != null) {
        held = null;
        super.onMessage(request);
        super.onHalfClose();
      }
    }

    @Override
    public void onComplete() {
      turns.execute(
          () -> {
            over();
            super.onComplete();
          });
    }

    @Override
    public void onCancel() {
      turns.execute(
          () -> {
            over();
            super.onCancel();
          });
    }

    private void over() {
      held = null;
      if (isCounted) {
        isCounted = false;
        underWay.end();
      }
    }
  }
}
