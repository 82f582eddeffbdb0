package io.clutch.client;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import com.google.common.collect.Comparators;
import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.ErrorStatus;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One call: sent, and sent again while no worker has started it, until its deadline.
 *
 * <p>One attempt is under way at a time, so its fields need no lock: each is written before the
 * next attempt is handed to gRPC or to the timer, and read after.
 *
 * @param <Q> the request on the wire
 * @param <R> the response on the wire
 * @param <T> what the caller gets
 */
final class RepeatingCall<Q, R, T> {

  /**
   * The part of the timeout that an attempt wants at least: one that the deadline cuts off leaves
   * the caller in doubt about the start.
   */
  private static final int MARGIN_PART = 50;

  private final Channels channels;
  private final MethodDescriptor<Q, R> method;
  private final Q request;
  private final Metadata headers;
  private final Duration timeout;
  private final Deadline deadline;
  private final Function<R, @Nullable T> decoder;
  private final Context context = Context.current();
  private final CompletableFuture<@Nullable T> future = new CompletableFuture<>();

  private int attempts;
  private @Nullable ClutchException lastRefusal;
  private volatile @Nullable ListenableFuture<R> attempt;

  /**
   * @param timeout of the whole; a deadline in the caller's gRPC context, such as that of a
   *     function which makes this call, holds too
   * @param decoder makes the result; throws ClutchException
   */
  RepeatingCall(
      Channels channels,
      MethodDescriptor<Q, R> method,
      Q request,
      Metadata headers,
      Duration timeout,
      Function<R, @Nullable T> decoder) {
    this.channels = channels;
    this.method = method;
    this.request = request;
    this.headers = headers;
    this.decoder = decoder;
    Deadline own = Deadline.after(timeout.toNanos(), NANOSECONDS);
    Deadline outer = context.getDeadline();
    this.deadline = outer == null ? own : own.minimum(outer);
    this.timeout = outer == null || own.isBefore(outer) ? timeout : left();
  }

  /** Makes the call. Cancelling what it returns cancels the call, at the worker too. */
  CompletableFuture<@Nullable T> start() {
    var unused =
        future.whenComplete(
            (result, failure) -> {
              if (future.isCancelled()) {
                cancelAttempt();
              }
            });
    attempt();
    return future;
  }

  private void attempt() {
    if (future.isDone()) {
      return;
    }
    if (channels.isClosed()) {
      future.completeExceptionally(closed());
      return;
    }
    try {
      send();
    } catch (Throwable e) {
      // The top of the timer's thread: whoever waits must learn of it.
      future.completeExceptionally(internal(Started.UNKNOWN, "the call cannot be sent: " + e, e));
    }
  }

  private void send() {
    attempts++;
    SendEvidence evidence = new SendEvidence();
    CallOptions options =
        CallOptions.DEFAULT.withDeadline(deadline).withStreamTracerFactory(evidence);
    ListenableFuture<R> sent;
    Context previous = context.attach();
    try {
      sent = ClientCalls.futureUnaryCall(newCall(options), request);
    } finally {
      context.detach(previous);
    }
    attempt = sent;
    if (future.isCancelled()) {
      cancelAttempt();
    }
    Futures.addCallback(
        sent,
        new FutureCallback<R>() {
          @Override
          public void onSuccess(@Nullable R response) {
            succeed(requireNonNull(response));
          }

          @Override
          public void onFailure(Throwable failure) {
            onAttemptFailed(failure, evidence);
          }
        },
        MoreExecutors.directExecutor());
  }

  private ClientCall<Q, R> newCall(CallOptions options) {
    return headers.keys().isEmpty()
        ? channels.channel().newCall(method, options)
        : MetadataUtils.newAttachHeadersInterceptor(headers)
            .interceptCall(method, options, channels.channel());
  }

  private void cancelAttempt() {
    ListenableFuture<R> underWay = attempt;
    if (underWay != null) {
      // gRPC cancels the RPC only where it may interrupt.
      underWay.cancel(true);
    }
  }

  private void succeed(R response) {
    try {
      future.complete(decoder.apply(response));
    } catch (ClutchException e) {
      future.completeExceptionally(e);
    } catch (Throwable e) {
      // The top of gRPC's thread: whoever waits must learn of it.
      future.completeExceptionally(internal(Started.YES, "the result cannot be read: " + e, e));
    }
  }

  private void onAttemptFailed(Throwable thrown, SendEvidence evidence) {
    if (future.isDone()) {
      return;
    }
    Status status = Status.fromThrowable(thrown);
    Metadata trailers =
        thrown instanceof StatusRuntimeException withTrailers ? withTrailers.getTrailers() : null;
    ClutchException failure = ErrorStatus.fromStatus(status, trailers, evidence.started(status));
    if (failure.isRepeatable()) {
      lastRefusal = failure;
      Duration left = left().minus(timeout.dividedBy(MARGIN_PART));
      if (!left.isNegative()) {
        repeat(failure, left);
        return;
      }
    }
    future.completeExceptionally(conclusion(failure));
  }

  private void repeat(ClutchException refusal, Duration left) {
    if (refusal.reason() == Reason.UNAVAILABLE) {
      channels.reconnectSoon();
    }
    Duration asked = refusal.retryDelay().orElse(Duration.ZERO);
    Duration pause = Backoff.after(attempts, asked, ThreadLocalRandom.current());
    // The last attempts come closer together, so that none is missed for a long pause.
    Duration chosen = Comparators.min(pause, left.dividedBy(2).plusMillis(1));
    if (!channels.schedule(this::attempt, chosen)) {
      future.completeExceptionally(closed());
    }
  }

  /** What the caller gets to know, in its own terms where time ran out or the worker was lost. */
  private ClutchException conclusion(ClutchException failure) {
    if (failure.reason() == Reason.UNAVAILABLE && failure.started() == Started.UNKNOWN) {
      return failure.restated(
          Started.UNKNOWN,
          "the connection to the worker was lost while the call was under way (%s)"
              .formatted(failure.getMessage()));
    }
    boolean outOfTime = failure == lastRefusal || failure.reason() == Reason.DEADLINE_EXCEEDED;
    if (!outOfTime) {
      return failure;
    }
    if (failure.started() != Started.NO) {
      return failure.restated(
          failure.started(), "the call did not end within %s".formatted(text(timeout)));
    }
    ClutchException refusal = lastRefusal == null ? failure : lastRefusal;
    return refusal.restated(
        Started.NO,
        "no worker took the call within %s (%d attempts at %s); the last one: %s"
            .formatted(text(timeout), attempts, channels.target(), refusal.getMessage()));
  }

  private static ClutchException internal(Started started, String message, Throwable cause) {
    return ClutchException.builder(Reason.INTERNAL, started, message).cause(cause).build();
  }

  private static ClutchException closed() {
    return ClutchException.notStarted(
        Reason.CANCELLED, "the client was closed before a worker took the call");
  }

  private Duration left() {
    return Duration.ofNanos(Math.max(0, deadline.timeRemaining(NANOSECONDS)));
  }

  private static String text(Duration duration) {
    return duration.toMillis() % 1000 == 0
        ? duration.toSeconds() + " s"
        : duration.toMillis() + " ms";
  }
}
