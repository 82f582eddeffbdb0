package io.clutch.client;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import com.google.common.collect.Comparators;
import com.google.common.util.concurrent.FutureCallback;
import com.google.common.util.concurrent.Futures;
import com.google.common.util.concurrent.ListenableFuture;
import com.google.common.util.concurrent.MoreExecutors;
import io.clutch.client.internal.balance.CallTrail;
import io.clutch.client.internal.telemetry.CallRecord;
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
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One call: sent, and sent again while no worker has started it, until its deadline; where it is
 * idempotent also after a worker was lost that may have started it.
 *
 * <p>A worker that refuses is left out: the next one is tried at once. When all have refused, or
 * none can be reached, there is a pause.
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
  private final Rpc<Q, R> rpc;
  private final Duration timeout;
  private final Deadline deadline;
  private final Function<R, @Nullable T> decoder;
  private final Context context = Context.current();
  private final CallRecord record;
  private final CallFuture<T> future = new CallFuture<>(this::ended);

  private final CallHistory history = new CallHistory();
  private int pauses;
  private volatile @Nullable ListenableFuture<R> attempt;

  /**
   * What is sent.
   *
   * @param idempotent whether the function may run twice
   */
  record Rpc<Q, R>(
      MethodDescriptor<Q, R> method, Q request, Metadata headers, boolean idempotent) {}

  /**
   * @param timeout of the whole; a deadline in the caller's gRPC context, such as that of a
   *     function which makes this call, holds too
   * @param decoder makes the result; throws ClutchException
   * @param record is told of what becomes of it
   */
  RepeatingCall(
      Channels channels,
      Rpc<Q, R> rpc,
      Duration timeout,
      Function<R, @Nullable T> decoder,
      CallRecord record) {
    this.channels = channels;
    this.rpc = rpc;
    this.decoder = decoder;
    this.record = record;
    Deadline own = Deadline.after(timeout.toNanos(), NANOSECONDS, channels.time().ticker());
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
    channels.budget().call();
    attempt();
    return future;
  }

  private void attempt() {
    if (future.isDone()) {
      return;
    }
    if (channels.isClosed()) {
      future.completeExceptionally(history.closed());
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
    history.attempted();
    SendEvidence evidence = new SendEvidence(history.trail().newAttempt()::end);
    CallOptions options =
        CallOptions.DEFAULT
            .withDeadline(deadline)
            .withStreamTracerFactory(evidence)
            .withOption(CallTrail.KEY, history.trail());
    ListenableFuture<R> sent;
    Context previous = context.attach();
    try (CallRecord.Attempt unused = record.attempted()) {
      sent = ClientCalls.futureUnaryCall(newCall(options), rpc.request());
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
    return rpc.headers().keys().isEmpty()
        ? channels.channel().newCall(rpc.method(), options)
        : MetadataUtils.newAttachHeadersInterceptor(rpc.headers())
            .interceptCall(rpc.method(), options, channels.channel());
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
    boolean mayRepeat = history.failed(failure, rpc.idempotent());
    if (mayRepeat) {
      record.attemptFailed(failure, history.trail().server().orElse(null));
    }
    boolean again =
        mayRepeat
            && ((evidence.isSent() && goElsewhere(failure))
                || repeatLater(failure, evidence.isSent()));
    if (!again) {
      conclude(failure);
    }
  }

  /** Tries the next process at once, where there is one that did not have this call yet. */
  private boolean goElsewhere(ClutchException failure) {
    CallTrail trail = history.trail();
    if (CallHistory.isLost(failure)) {
      trail.avoidServer();
    } else {
      trail.avoidProcess();
    }
    // By way of the timer's thread, for this may be one of the network's.
    return trail.hasOther()
        && timeLeft().isPresent()
        && channels.budget().repetition()
        && channels.schedule(this::attempt, Duration.ZERO);
  }

  /**
   * Tries again after a pause.
   *
   * @param costs whether another attempt makes work for a worker
   * @return whether there is time for that
   */
  private boolean repeatLater(ClutchException refusal, boolean costs) {
    Duration left = timeLeft().orElse(null);
    if (left == null) {
      return false;
    }
    if (refusal.reason() == Reason.UNAVAILABLE) {
      channels.reconnectSoon();
    }
    Duration asked = refusal.retryDelay().orElse(Duration.ZERO);
    Duration pause = Backoff.after(++pauses, asked, ThreadLocalRandom.current());
    // The last attempts come closer together, so that none is missed for a long pause.
    Duration chosen = Comparators.min(pause, left.dividedBy(2).plusMillis(1));
    if (!channels.schedule(() -> attemptAgain(refusal, costs), chosen)) {
      future.completeExceptionally(history.closed());
    }
    return true;
  }

  private void attemptAgain(ClutchException refusal, boolean costs) {
    if (future.isDone()) {
      return;
    }
    history.trail().avoidNothing();
    if (!costs || channels.isClosed() || channels.budget().repetition()) {
      attempt();
    } else if (!repeatLater(refusal, true)) {
      conclude(refusal);
    }
  }

  /** The time for further attempts; empty where there is none. */
  private Optional<Duration> timeLeft() {
    return Optional.of(left().minus(timeout.dividedBy(MARGIN_PART)))
        .filter(left -> !left.isNegative());
  }

  private void conclude(ClutchException failure) {
    future.completeExceptionally(history.conclusion(failure, timeout, channels.target()));
  }

  private void ended(@Nullable Throwable failure) {
    record.ended(
        failure == null ? null : io.clutch.client.Futures.failure(failure),
        history.trail().server().orElse(null));
  }

  private static ClutchException internal(Started started, String message, Throwable cause) {
    return ClutchException.builder(Reason.INTERNAL, started, message).cause(cause).build();
  }

  private Duration left() {
    return Duration.ofNanos(Math.max(0, deadline.timeRemaining(NANOSECONDS)));
  }
}
