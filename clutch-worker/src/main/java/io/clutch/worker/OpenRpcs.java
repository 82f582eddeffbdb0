package io.clutch.worker;

import com.google.common.base.Ticker;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.ErrorStatus;
import io.clutch.protocol.Reason;
import io.clutch.v1.WorkerGrpc;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Keeps count of the RPCs under way, so that a drain can wait for the calls among them and end the
 * others: a health {@code Watch} or a reflection stream lasts as long as its client likes, and a
 * request may never be sent to its end.
 */
final class OpenRpcs implements ServerInterceptor {

  /** How long a request may take from its first byte to its last. */
  static final Duration REQUEST_TIME = Duration.ofSeconds(60);

  private static final MethodDescriptor<?, ?> CALL_STREAM = WorkerGrpc.getCallStreamMethod();

  private final Ticker ticker;

  /** Calls whose request has come. */
  @GuardedBy("this")
  private int calls;

  /** Calls whose request has not come, or not all of it. */
  @GuardedBy("this")
  private final Set<EndableCall<?, ?>> unfinished = new HashSet<>();

  @GuardedBy("this")
  private final Set<EndableCall<?, ?>> others = new HashSet<>();

  @GuardedBy("this")
  private boolean ended;

  /**
   * @param ticker by which the time of requests is measured
   */
  OpenRpcs(Ticker ticker) {
    this.ticker = ticker;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    if (call.getMethodDescriptor() == CALL_STREAM) {
      // It looks after its calls, and after its end, itself.
      return next.startCall(call, headers);
    }
    boolean isCall =
        Objects.equals(call.getMethodDescriptor().getServiceName(), WorkerGrpc.SERVICE_NAME);
    return isCall ? receive(call, headers, next) : keep(call, headers, next);
  }

  private <Q, R> ServerCall.Listener<Q> receive(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    EndableCall<Q, R> endable = new EndableCall<>(call, ticker.read());
    synchronized (this) {
      unfinished.add(endable);
    }
    return new RequestListener<>(next.startCall(endable, headers), endable);
  }

  private <Q, R> ServerCall.Listener<Q> keep(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    EndableCall<Q, R> endable = new EndableCall<>(call, ticker.read());
    synchronized (this) {
      if (ended) {
        endable.end();
        return new ServerCall.Listener<>() {};
      }
      others.add(endable);
    }
    return new EndListener<>(next.startCall(endable, headers), () -> forget(endable));
  }

  /** Whether the request came before its call was ended here. */
  private synchronized boolean requestCame(EndableCall<?, ?> call) {
    if (!unfinished.remove(call)) {
      return false;
    }
    calls++;
    return true;
  }

  private synchronized void requestGone(EndableCall<?, ?> call) {
    unfinished.remove(call);
  }

  private synchronized void callEnded() {
    calls--;
    notifyAll();
  }

  private synchronized void forget(EndableCall<?, ?> call) {
    others.remove(call);
  }

  /** Waits until no call is under way, its answer sent; false where that takes longer. */
  synchronized boolean awaitCallsDone(Duration atMost) throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    while (calls > 0) {
      long millis = (end - System.nanoTime() + 999_999) / 1_000_000;
      if (millis <= 0) {
        return false;
      }
      wait(millis);
    }
    return true;
  }

  /** Ends everything that is not a call, now and from now on. */
  void endOthers() {
    List<EndableCall<?, ?>> open;
    synchronized (this) {
      ended = true;
      open = new ArrayList<>(others);
    }
    open.forEach(EndableCall::end);
  }

  /** Ends the calls whose request has not come within {@link #REQUEST_TIME}. */
  void endOverdue() {
    List<EndableCall<?, ?>> overdue;
    long latest = ticker.read() - REQUEST_TIME.toNanos();
    synchronized (this) {
      overdue = unfinished.stream().filter(call -> call.begunNanos - latest < 0).toList();
      overdue.forEach(unfinished::remove);
    }
    overdue.forEach(
        call ->
            call.end(
                Reason.DEADLINE_EXCEEDED,
                "the request was not sent to its end within " + REQUEST_TIME));
  }

  /** Ends the calls whose request has not come yet. */
  void endUnfinished() {
    List<EndableCall<?, ?>> open;
    synchronized (this) {
      open = new ArrayList<>(unfinished);
      unfinished.clear();
    }
    open.forEach(EndableCall::end);
  }

  /** An RPC that a thread other than its own may end. */
  private static final class EndableCall<Q, R> extends SimpleForwardingServerCall<Q, R> {

    private final long begunNanos;

    @GuardedBy("this")
    private boolean closed;

    EndableCall(ServerCall<Q, R> call, long begunNanos) {
      super(call);
      this.begunNanos = begunNanos;
    }

    void end() {
      end(Reason.DRAINING, "the worker is about to stop");
    }

    void end(Reason reason, String message) {
      StatusRuntimeException status =
          ErrorStatus.toStatus(ClutchException.notStarted(reason, message));
      Metadata trailers = status.getTrailers();
      close(status.getStatus(), trailers == null ? new Metadata() : trailers);
    }

    @Override
    public synchronized void sendHeaders(Metadata headers) {
      if (!closed) {
        super.sendHeaders(headers);
      }
    }

    @Override
    public synchronized void sendMessage(R message) {
      if (!closed) {
        super.sendMessage(message);
      }
    }

    @Override
    public synchronized void close(Status status, Metadata trailers) {
      if (!closed) {
        closed = true;
        super.close(status, trailers);
      }
    }
  }

  /** Tells when the request of a call has come, and when the call is over. */
  private final class RequestListener<Q> extends SimpleForwardingServerCallListener<Q> {
    private final EndableCall<Q, ?> call;

    /** Whether the request came. gRPC calls a listener on one thread at a time. */
    private boolean came;

    RequestListener(ServerCall.Listener<Q> listener, EndableCall<Q, ?> call) {
      super(listener);
      this.call = call;
    }

    @Override
    public void onHalfClose() {
      came = requestCame(call);
      if (came) {
        super.onHalfClose();
      }
    }

    @Override
    public void onComplete() {
      try {
        super.onComplete();
      } finally {
        over();
      }
    }

    @Override
    public void onCancel() {
      try {
        super.onCancel();
      } finally {
        over();
      }
    }

    private void over() {
      if (came) {
        callEnded();
      } else {
        requestGone(call);
      }
    }
  }

  /** Tells when the RPC is over, either way. */
  private static final class EndListener<Q> extends SimpleForwardingServerCallListener<Q> {
    private final Runnable onEnd;

    EndListener(ServerCall.Listener<Q> listener, Runnable onEnd) {
      super(listener);
      this.onEnd = onEnd;
    }

    @Override
    public void onComplete() {
      try {
        super.onComplete();
      } finally {
        onEnd.run();
      }
    }

    @Override
    public void onCancel() {
      try {
        super.onCancel();
      } finally {
        onEnd.run();
      }
    }
  }
}
