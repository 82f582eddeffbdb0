package io.clutch.client;

import io.clutch.client.internal.balance.CallTrail;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.ErrorStatus;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.v1.JobsGrpc;
import io.clutch.v1.WatchJobRequest;
import io.clutch.v1.WatchJobResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches one job until it has ended. A stream that is lost is followed by another one, with
 * another process where there is one; the watch fails where none answers for the client's timeout.
 *
 * <p>One stream is open at a time. Its events come one after another, and the next one is opened
 * when it has ended, so what it says needs no lock. The timer, and whoever cancels, only end the
 * future and the streams.
 */
final class JobWatch {

  private static final Logger log = LoggerFactory.getLogger(ClutchClient.class);

  private final Channels channels;
  private final WatchJobRequest request;
  private final Consumer<JobStatus> listener;
  private final Duration timeout;
  private final Context context = Context.current();

  /** All streams are opened in it, and end with it. */
  private final Context.CancellableContext streams = context.withCancellation();

  private final CallFuture<JobStatus> future;
  private final CallTrail trail = new CallTrail();

  // Owned by the stream that is open, or by the timer between two.

  private @Nullable JobStatus last;
  private int pauses;

  /** Ends the watch where there is no answer until then; null where there is one. */
  private volatile @Nullable Future<?> silence;

  private volatile @Nullable ClutchException trouble;

  /**
   * @param timeout how long there may be no answer, at first and after a loss
   * @param onEnd is told once
   */
  JobWatch(
      Channels channels,
      String id,
      Consumer<JobStatus> listener,
      Duration timeout,
      Consumer<JobWatch> onEnd) {
    this.channels = channels;
    this.request = WatchJobRequest.newBuilder().setJobId(id).build();
    this.listener = listener;
    this.timeout = timeout;
    this.future = new CallFuture<>(failure -> onEnd.accept(this), this::endStream);
  }

  /** Cancelling what it returns ends the watch. */
  CompletableFuture<JobStatus> start() {
    fallSilent();
    open();
    return future;
  }

  /** The client is closed. */
  void close() {
    fail(
        ClutchException.notStarted(
            Reason.CANCELLED, "the client was closed while job '%s' was watched".formatted(id())));
  }

  private String id() {
    return request.getJobId();
  }

  private void open() {
    if (future.isDone()) {
      return;
    }
    Context previous = streams.attach();
    try {
      SendEvidence evidence = new SendEvidence(trail.newAttempt()::end);
      ClientCall<WatchJobRequest, WatchJobResponse> call =
          channels
              .channel()
              .newCall(
                  JobsGrpc.getWatchJobMethod(),
                  CallOptions.DEFAULT
                      .withStreamTracerFactory(evidence)
                      .withOption(CallTrail.KEY, trail));
      call.start(new Events(), new Metadata());
      call.request(Integer.MAX_VALUE);
      call.sendMessage(request);
      call.halfClose();
    } catch (RuntimeException e) {
      // The top of the timer's thread: whoever waits must learn of it.
      fail(
          ClutchException.builder(
                  Reason.INTERNAL, Started.NO, "job '%s' cannot be watched: %s".formatted(id(), e))
              .cause(e)
              .build());
    } finally {
      streams.detach(previous);
    }
  }

  private final class Events extends ClientCall.Listener<WatchJobResponse> {
    @Override
    public void onMessage(WatchJobResponse message) {
      told(JobMessages.status(message.getJob()));
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      lost(
          status.isOk()
              ? ClutchException.notStarted(Reason.UNAVAILABLE, "the worker ended the watch")
              : ErrorStatus.fromStatus(status, trailers, Started.NO));
    }
  }

  private void told(JobStatus status) {
    if (future.isDone()) {
      return;
    }
    endSilence();
    pauses = 0;
    trail.avoidNothing();
    // After a loss it may be the same once more.
    if (!status.equals(last)) {
      last = status;
      try {
        listener.accept(status);
      } catch (RuntimeException e) {
        log.warn("what watches job '{}' failed", id(), e);
      }
    }
    if (status.state().isEnded()) {
      future.complete(status);
      endStream();
    }
  }

  private void lost(ClutchException failure) {
    if (future.isDone()) {
      return;
    }
    if (!isPassing(failure.reason())) {
      fail(failure);
      return;
    }
    trouble = failure;
    if (silence == null) {
      fallSilent();
    }
    trail.avoidProcess();
    if (!trail.hasOther()) {
      trail.avoidNothing();
    }
    if (failure.reason() == Reason.UNAVAILABLE) {
      channels.reconnectSoon();
    }
    openLater(failure.retryDelay().orElse(Duration.ZERO));
  }

  /** A worker that is closed cancels the streams that it has. */
  private boolean isPassing(Reason reason) {
    return reason.isTransient() || (reason == Reason.CANCELLED && !context.isCancelled());
  }

  private void openLater(Duration asked) {
    Duration pause = Backoff.after(++pauses, asked, ThreadLocalRandom.current());
    if (!channels.schedule(this::openAgain, pause)) {
      close();
    }
  }

  private void openAgain() {
    if (channels.isClosed()) {
      close();
    } else if (channels.budget().repetition()) {
      open();
    } else {
      openLater(Duration.ZERO);
    }
  }

  /** There is no answer, from now on; for so long there may be none. */
  private void fallSilent() {
    try {
      silence =
          channels
              .time()
              .timer()
              .schedule(() -> fail(noAnswer()), timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      close();
    }
    if (future.isDone()) {
      endSilence();
    }
  }

  private void endSilence() {
    Future<?> running = silence;
    if (running != null) {
      // Else it would hold the client up when that is closed.
      running.cancel(false);
      silence = null;
    }
  }

  private ClutchException noAnswer() {
    String said =
        trail
            .obstacle()
            .or(() -> Optional.ofNullable(trouble).map(Throwable::getMessage))
            .map(what -> ": " + what)
            .orElse("");
    return ClutchException.notStarted(
        Reason.UNAVAILABLE,
        "no worker told of job '%s' within %d ms at %s%s"
            .formatted(id(), timeout.toMillis(), channels.target(), said));
  }

  private void fail(ClutchException failure) {
    future.completeExceptionally(failure);
    endStream();
  }

  private void endStream() {
    endSilence();
    streams.cancel(null);
  }
}
