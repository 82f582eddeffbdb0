package io.clutch.worker;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.clutch.v1.WorkerGrpc;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Keeps count of the RPCs under way, so that a drain can wait for the calls among them and end the
 * others: a health {@code Watch} or a reflection stream lasts as long as its client likes.
 */
final class OpenRpcs implements ServerInterceptor {

  @GuardedBy("this")
  private int calls;

  @GuardedBy("this")
  private final Set<EndableCall<?, ?>> others = new HashSet<>();

  @GuardedBy("this")
  private boolean ended;

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    boolean isCall =
        Objects.equals(call.getMethodDescriptor().getServiceName(), WorkerGrpc.SERVICE_NAME);
    return isCall ? count(call, headers, next) : keep(call, headers, next);
  }

  private <Q, R> ServerCall.Listener<Q> count(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    synchronized (this) {
      calls++;
    }
    return new EndListener<>(next.startCall(call, headers), this::callEnded);
  }

  private <Q, R> ServerCall.Listener<Q> keep(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    EndableCall<Q, R> endable = new EndableCall<>(call);
    synchronized (this) {
      if (ended) {
        endable.end();
        return new ServerCall.Listener<>() {};
      }
      others.add(endable);
    }
    return new EndListener<>(next.startCall(endable, headers), () -> forget(endable));
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

  /** An RPC that a thread other than its own may end. */
  private static final class EndableCall<Q, R> extends SimpleForwardingServerCall<Q, R> {

    @GuardedBy("this")
    private boolean closed;

    EndableCall(ServerCall<Q, R> call) {
      super(call);
    }

    void end() {
      close(Status.UNAVAILABLE.withDescription("the worker is about to stop"), new Metadata());
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
