package io.clutch.client;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import com.google.common.collect.Comparators;
import io.clutch.client.internal.balance.CallTrail;
import io.clutch.client.internal.stream.OutgoingCall;
import io.clutch.client.internal.telemetry.CallRecord;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.grpc.Context;
import io.grpc.Deadline;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call: sent, and sent again while no worker has started it, until its deadline; where its
 * terms allow that also after a worker was lost that may have started it.
 *
 * <p>A worker that refuses is left out: the next one is tried at once. When all have refused, or
 * none can be reached, there is a pause. Which way an attempt takes is nothing to it.
 *
 * <p>One attempt is under way at a time, so its fields need no lock: each is written before the
 * next attempt is handed on or to the timer, and read after.
 *
 * @param <R> the answer on the way
 * @param <T> what the caller gets
 */
final class RepeatingCall<R, T> implements Way.Listener<R> {

  private static final Logger log = LoggerFactory.getLogger(ClutchClient.class);

  /**
   * The part of the timeout that an attempt wants at least: one that the deadline cuts off leaves
   * the caller in doubt about the start.
   */
  private static final int MARGIN_PART = 50;

  private final Channels channels;
  private final Supplier<Way> way;
  private final OutgoingCall call;
  private final Terms<R, T> terms;
  private final Duration timeout;
  private final Deadline deadline;
  private final Context context = Context.current();
  private final CallRecord record;

  /** Of what the caller gets; of the answer where the caller waits for that itself. */
  private final CallFuture<Object> future = new CallFuture<>(this::ended, this::cancelAttempt);

  private final CallHistory history;
  private int pauses;
  private boolean waitedFor;
  private boolean goesAnotherWay;
  private volatile Way.@Nullable Sent attempt;

  /**
   * What is agreed of a call.
   *
   * @param form what the answer is
   * @param decoder makes the result; throws ClutchException
   * @param repetition whether it may be sent again after a worker was lost
   * @param onProgress null where nobody wants to know
   */
  record Terms<R, T>(
      UnaryForm<?, ?, R> form,
      Function<R, @Nullable T> decoder,
      Repetition repetition,
      @Nullable Consumer<Progress> onProgress) {}

  /**
   * @param way gives the way for each attempt
   * @param timeout of the whole; a deadline in the caller's gRPC context, such as that of a
   *     function which makes this call, holds too
   * @param record is told of what becomes of it
   */
  RepeatingCall(
      Channels channels,
      Supplier<Way> way,
      OutgoingCall call,
      Terms<R, T> terms,
      Duration timeout,
      CallRecord record) {
    this.channels = channels;
    this.way = way;
    this.call = call;
    this.terms = terms;
    this.history = new CallHistory(terms.repetition());
    this.record = record;
    Deadline own = Deadline.after(timeout.toNanos(), NANOSECONDS, channels.time().ticker());
    Deadline outer = context.getDeadline();
    this.deadline = outer == null ? own : own.minimum(outer);
    this.timeout = outer == null || own.isBefore(outer) ? timeout : left();
  }

  /** Makes the call. Cancelling what it returns cancels the call, at the worker too. */
  @SuppressWarnings("unchecked") // it is completed with what the decoder gives
  CompletableFuture<@Nullable T> start() {
    channels.budget().call();
    attempt();
    return (CompletableFuture<@Nullable T>) (CompletableFuture<?>) future;
  }

  /**
   * Makes the call and waits for its end; the result is made on this thread.
   *
   * @throws ClutchException the call's failure
   */
  @SuppressWarnings("unchecked") // it is completed with the answer
  @Nullable T await() {
    waitedFor = true;
    channels.budget().call();
    attempt();
    try {
      T result = decoded((R) requireNonNull(Futures.await(future)));
      record.ended(null, server());
      return result;
    } catch (ClutchException e) {
      record.ended(e, server());
      throw e;
    }
  }

  // For the way.

  CallHistory history() {
    return history;
  }

  Deadline deadline() {
    return deadline;
  }

  /** In which the call was made. */
  Context context() {
    return context;
  }

  /** Whether a thread waits, which makes the result. */
  boolean isWaitedFor() {
    return waitedFor;
  }

  boolean wantsProgress() {
    return terms.onProgress() != null;
  }

  /**
   * An attempt was in the line.
   *
   * @param dropped why it left it; null where it went to a process
   */
  void waited(long nanos, @Nullable Reason dropped) {
    record.waited(nanos, dropped);
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
      Way.Sent sent = way.get().attempt(call, terms.form(), this);
      attempt = sent;
      begin(sent);
      if (future.isCancelled()) {
        sent.cancel();
      }
    } catch (Throwable e) {
      // The top of the timer's thread: whoever waits must learn of it.
      future.completeExceptionally(internal(Started.UNKNOWN, "the call cannot be sent: " + e, e));
    }
  }

  private void begin(Way.Sent sent) {
    if (goesAnotherWay) {
      // The same attempt, as far as anybody can tell.
      goesAnotherWay = false;
      sent.start();
      return;
    }
    history.attempted(1);
    try (CallRecord.Attempt unused = record.attempted()) {
      sent.start();
    }
  }

  private void cancelAttempt() {
    Way.Sent underWay = attempt;
    if (underWay != null) {
      underWay.cancel();
    }
  }

  /** The way ended before the attempt began: it takes another one. */
  @Override
  public void unsent() {
    goesAnotherWay = true;
    attempt();
  }

  @Override
  public void succeeded(R answer) {
    if (waitedFor) {
      future.complete(answer);
      return;
    }
    try {
      future.complete(decoded(answer));
    } catch (ClutchException e) {
      future.completeExceptionally(e);
    }
  }

  private @Nullable T decoded(R answer) {
    try {
      return terms.decoder().apply(answer);
    } catch (ClutchException e) {
      throw e;
    } catch (Throwable e) {
      // The top of gRPC's thread: whoever waits must learn of it.
      throw internal(Started.YES, "the result cannot be read: " + e, e);
    }
  }

  /** The function says how far it has come. */
  void progressed(Progress progress) {
    Consumer<Progress> listener = terms.onProgress();
    if (listener == null || future.isDone()) {
      return;
    }
    try {
      listener.accept(progress);
    } catch (RuntimeException e) {
      log.warn("what hears of the progress of function '{}' failed", call.function(), e);
    }
  }

  @Override
  public void failed(ClutchException failure, boolean reached) {
    if (future.isDone()) {
      return;
    }
    boolean mayRepeat = history.failed(failure);
    if (mayRepeat) {
      record.attemptFailed(failure, server());
    }
    boolean again =
        mayRepeat && ((reached && goElsewhere(failure)) || repeatLater(failure, reached));
    if (!again) {
      conclude(failure);
    }
  }

  /** Tries the next process at once, where there is one that did not have this call yet. */
  private boolean goElsewhere(ClutchException failure) {
    CallTrail trail = history.trail();
    // Processes of a server have one store.
    if (CallHistory.isLost(failure) || failure.reason() == Reason.STORE_UNAVAILABLE) {
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
    if (!waitedFor) {
      record.ended(failure == null ? null : Futures.failure(failure), server());
    }
  }

  private @Nullable String server() {
    Way.Sent last = attempt;
    return last == null ? null : last.server();
  }

  private static ClutchException internal(Started started, String message, Throwable cause) {
    return ClutchException.builder(Reason.INTERNAL, started, message).cause(cause).build();
  }

  private Duration left() {
    return Duration.ofNanos(Math.max(0, deadline.timeRemaining(NANOSECONDS)));
  }
}
