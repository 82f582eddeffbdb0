package io.clutch.worker;

import com.google.protobuf.ByteString;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.protocol.stream.LongPayload;
import io.clutch.protocol.stream.Parts;
import io.clutch.v1.Payload;
import io.clutch.v1.Progress;
import io.clutch.worker.internal.dispatch.Ticket;
import io.clutch.worker.jobs.AcceptedJob;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One call on a call stream, from its arrival to its final item. Its answer comes from any thread;
 * the rest is for the thread of the stream, but where it says otherwise.
 */
final class StreamedAnswer implements Answer {

  private final CallStreamSession session;
  private final long id;
  private final boolean background;

  /** By the worker's clock; {@link Long#MAX_VALUE} is never. */
  private final long deadlineNanos;

  /** Whether it holds the place in the queue that its client may have behind others. */
  private boolean queued;

  /** Whether to send it again soon makes no sense. */
  private boolean refused;

  private volatile @Nullable Ticket ticket;

  /** The rest of a result that goes in parts. */
  private volatile @Nullable Parts parts;

  /** The latest that was not written yet. */
  private final AtomicReference<@Nullable Progress> progress = new AtomicReference<>();

  StreamedAnswer(CallStreamSession session, long id, boolean background, long deadlineNanos) {
    this.session = session;
    this.id = id;
    this.background = background;
    this.deadlineNanos = deadlineNanos;
  }

  long id() {
    return id;
  }

  boolean isBackground() {
    return background;
  }

  boolean isQueued() {
    return queued;
  }

  void setQueued() {
    queued = true;
  }

  /** It is not taken, and does not go back: that it fails is for its caller. */
  void setRefused() {
    refused = true;
  }

  /** It was taken by the dispatcher. */
  void taken(Ticket ticket) {
    this.ticket = ticket;
  }

  /** For any thread: when its time is over. */
  long deadlineNanos() {
    return deadlineNanos;
  }

  /** For any thread: its caller does not want it any more. It gets its final item all the same. */
  void cancel(Reason reason, String message) {
    Ticket taken = ticket;
    if (taken != null) {
      taken.cancel(reason, message);
    }
    Parts rest = parts;
    if (rest != null) {
      rest.stop();
      // Its outcome is known; but nobody will get to see it.
      failure(ClutchException.builder(reason, Started.YES, message).build());
    }
  }

  @Override
  public void result(Payload result) {
    if (LongPayload.isLong(result)) {
      session.write(StreamItems.longResult(id, LongPayload.of(result), this::parts));
    } else if (session.ended(this)) {
      session.write(StreamItems.result(id, result));
    }
  }

  private Parts parts(ByteString content) {
    Parts made =
        new Parts(
            id,
            content,
            () -> {
              boolean unused = session.ended(this);
            });
    parts = made;
    return made;
  }

  @Override
  public void failure(ClutchException failure) {
    if (session.ended(this)) {
      session.write(
          isReturn(failure)
              ? StreamItems.small(message -> message.addReturned(id))
              : StreamItems.failure(id, failure));
    }
  }

  /** The background call is accepted. */
  void accepted(String callId) {
    if (session.ended(this)) {
      session.write(StreamItems.accepted(id, callId));
    }
  }

  /** The durable background call is on disk. */
  void accepted(String callId, AcceptedJob job) {
    if (session.ended(this)) {
      session.write(StreamItems.accepted(id, callId, job));
    }
  }

  @Override
  public boolean isReturn(ClutchException failure) {
    return !background
        && !refused
        && failure.started() == Started.NO
        && (failure.reason() == Reason.DRAINING || failure.reason() == Reason.QUEUE_FULL);
  }

  @Override
  public void progress(long done, long total, String note) {
    Progress latest =
        Progress.newBuilder().setId(id).setDone(done).setTotal(total).setNote(note).build();
    if (progress.getAndSet(latest) == null) {
      session.write(
          StreamItems.small(
              message -> {
                Progress reached = progress.getAndSet(null);
                if (reached != null) {
                  message.addProgress(reached);
                }
              }));
    }
  }
}
