package io.clutch.client;

import com.google.common.util.concurrent.MoreExecutors;
import io.clutch.client.internal.balance.CallTrail;
import io.clutch.client.internal.stream.OutgoingCall;
import io.clutch.client.internal.stream.StreamPool;
import io.clutch.client.internal.stream.StreamedAttempt;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.ErrorStatus;
import io.clutch.protocol.Reason;
import io.clutch.v1.Payload;
import io.grpc.Context;
import io.grpc.Contexts;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Attempts are items on long streams. */
final class StreamedWay implements Way {

  private final Channels channels;
  private final StreamPool pool;
  private final boolean direct;

  /**
   * @param direct whether results are told on the network's threads
   */
  StreamedWay(Channels channels, StreamPool pool, boolean direct) {
    this.channels = channels;
    this.pool = pool;
    this.direct = direct;
  }

  @Override
  public <R> Sent attempt(OutgoingCall call, UnaryForm<?, ?, R> form, RepeatingCall<R, ?> caller) {
    long expiresAt =
        channels.time().ticker().nanoTime() + caller.deadline().timeRemaining(TimeUnit.NANOSECONDS);
    return new Attempt<>(this, call, expiresAt, caller);
  }

  private static final class Attempt<R> extends StreamedAttempt
      implements Sent, Context.CancellationListener {
    private final StreamedWay way;
    private final RepeatingCall<R, ?> caller;

    /** Runs what the caller's own code does, in order; null where that is the outcome only. */
    private final @Nullable Executor sequence;

    Attempt(StreamedWay way, OutgoingCall call, long expiresAt, RepeatingCall<R, ?> caller) {
      super(call, expiresAt, caller.history().trailIfAny());
      this.way = way;
      this.caller = caller;
      this.sequence =
          caller.wantsProgress()
              ? MoreExecutors.newSequentialExecutor(way.channels.callers())
              : null;
    }

    @Override
    public void start() {
      if (caller.context() != Context.ROOT) {
        caller.context().addListener(this, MoreExecutors.directExecutor());
      }
      way.pool.send(this);
    }

    @Override
    public void cancel() {
      way.pool.cancel(this);
      release();
    }

    private void release() {
      if (caller.context() != Context.ROOT) {
        caller.context().removeListener(this);
      }
    }

    /** The function that made the call has returned, was cancelled, or ran out of time. */
    @Override
    public void cancelled(Context context) {
      way.pool.stop(
          this,
          started -> ErrorStatus.fromStatus(Contexts.statusFromCancelled(context), null, started));
    }

    @Override
    protected void succeeded(Payload payload) {
      answered(payload);
    }

    @Override
    protected void accepted(String callId) {
      answered(callId);
    }

    private void answered(Object answer) {
      release();
      if (sequence == null) {
        caller.succeeded(answer(answer));
      } else {
        sequence.execute(() -> caller.succeeded(answer(answer)));
      }
    }

    /** Of a call it is a payload, of one in the background an id: so are the forms. */
    @SuppressWarnings("unchecked")
    private R answer(Object answer) {
      return (R) answer;
    }

    @Override
    protected void failed(ClutchException failure, boolean reached) {
      release();
      caller.history().attempted(Math.max(0, problems() - 1));
      if (reached) {
        way.pool.note(this, caller.history().trail());
      }
      if (sequence == null) {
        caller.failed(failure, reached);
      } else {
        sequence.execute(() -> caller.failed(failure, reached));
      }
    }

    @Override
    protected void unsent() {
      release();
      caller.unsent();
    }

    @Override
    protected void progressed(io.clutch.v1.Progress progress) {
      if (sequence != null) {
        sequence.execute(
            () ->
                caller.progressed(
                    new Progress(progress.getDone(), progress.getTotal(), progress.getNote())));
      }
    }

    @Override
    protected void waited(long nanos, @Nullable Reason dropped) {
      caller.waited(nanos, dropped);
    }

    @Override
    protected boolean isToldDirectly() {
      return sequence == null && (way.direct || caller.isWaitedFor());
    }

    @Override
    protected CallTrail newTrail() {
      return caller.history().trail();
    }
  }
}
