package io.clutch.client.internal.stream;

import io.clutch.client.internal.balance.CallTrail;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.protocol.stream.Chain;
import io.clutch.protocol.stream.Item;
import io.clutch.protocol.stream.LongPayload;
import io.clutch.protocol.stream.Parts;
import io.clutch.v1.CallStreamRequest;
import io.clutch.v1.Payload;
import io.clutch.v1.Progress;
import io.clutch.v1.StreamedCall;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a call, from the line to its outcome. To run it is to tell the outcome, on a
 * thread of the callers'.
 *
 * <p>Whoever ends it first decides what it ends with: a final item, the deadline, the caller, or
 * the stream's end. The id stays with the stream until the final item has come.
 */
public abstract class StreamedAttempt extends Chain.Link<StreamedAttempt>
    implements Item<CallStreamRequest.Builder>, Runnable {

  /** In the line, or given to a stream that has not written it. */
  private static final int UNSENT = 0;

  private static final int SENT = 1;
  private static final int OVER = 2;

  private static final AtomicIntegerFieldUpdater<StreamedAttempt> STATE =
      AtomicIntegerFieldUpdater.newUpdater(StreamedAttempt.class, "state");

  /** What an item takes beside its name, headers and payload, about. */
  private static final int ENVELOPE = 48;

  private final OutgoingCall call;
  private final long expiresAt;
  private final boolean isLong;
  private volatile int state = UNSENT;

  // Guarded by the lock of the spread, as is its link.

  @Nullable CallTrail trail;

  /** Where it came back from, and what was the last that was known of room there. */
  private @Nullable Map<CallStream, Integer> cameBackFrom;

  private int returns;

  /** When it came to the line. */
  long waitsSince;

  /** How often opening a stream had failed when it came. */
  int problemsBefore;

  /** How often it did since. */
  int problems;

  // Written under the lock of the spread, and read after.

  private volatile @Nullable CallStream stream;
  private boolean patient;

  // Owned by the stream's thread.

  long id;
  @Nullable Parts parts;

  /** Puts a result in parts together; null where it is passed over. */
  LongPayload.@Nullable Assembly assembly;

  /** How many bytes of the result are to come; 0 where it does not come in parts. */
  long bytesToCome;

  // Written by whoever ends it, before it is handed on.

  private @Nullable Payload payload;
  private @Nullable String acceptedId;
  private @Nullable ClutchException failure;
  private boolean reached;

  /**
   * @param expiresAt nanoseconds of the client's time
   * @param trail where the call has been; null where it has been nowhere
   */
  protected StreamedAttempt(OutgoingCall call, long expiresAt, @Nullable CallTrail trail) {
    this.call = call;
    this.expiresAt = expiresAt;
    this.trail = trail;
    this.isLong = LongPayload.isLong(call.payload());
  }

  // What becomes of it; one of these is called, once.

  /** There is a result. */
  protected abstract void succeeded(Payload payload);

  /**
   * It was accepted in the background, under that id: the call's, or of a durable one the job's.
   */
  protected abstract void accepted(String id);

  /**
   * It has failed.
   *
   * @param reached whether it was given to a worker
   */
  protected abstract void failed(ClutchException failure, boolean reached);

  /** It was not sent, and can't be this way. */
  protected abstract void unsent();

  /** The function says how far it has come. */
  protected abstract void progressed(Progress progress);

  /**
   * It was in the line.
   *
   * @param dropped why it left it; null where it went to a process
   */
  protected abstract void waited(long nanos, @Nullable Reason dropped);

  /**
   * Whether a result is told on the network's thread: it only wakes one, or is asked for that way.
   */
  protected abstract boolean isToldDirectly();

  /** The trail of the call, made where there was none. */
  protected abstract CallTrail newTrail();

  /** What is sent. */
  public final OutgoingCall call() {
    return call;
  }

  /** Nanoseconds of the client's time. */
  final long expiresAt() {
    return expiresAt;
  }

  /** The stream that has, or had, it. */
  final @Nullable CallStream stream() {
    return stream;
  }

  final void given(CallStream to) {
    stream = to;
  }

  /** The server that has, or had, it; null where none did. */
  public final @Nullable String server() {
    CallStream on = stream;
    return on == null ? null : on.place().server();
  }

  final boolean isOver() {
    return state == OVER;
  }

  final boolean isUnsent() {
    return state == UNSENT;
  }

  /** It came back: as if it had not been sent; false where it is over. */
  final boolean takeBack() {
    return STATE.compareAndSet(this, SENT, UNSENT);
  }

  /** It came back: it does not go there again before there may be room anew. */
  final void cameBackFrom(CallStream from) {
    if (cameBackFrom == null) {
      cameBackFrom = new HashMap<>();
    }
    cameBackFrom.put(from, from.roomNews);
    // Where it was let wait, it would have been for too long.
    patient = false;
    returns++;
  }

  /** It is let wait at a worker, whichever. */
  final void waitsAnywhere() {
    patient = true;
    cameBackFrom = null;
    if (trail != null) {
      trail.avoidNothing();
    }
  }

  /** Whether there are streams that it came back from, and does not go to again yet. */
  final boolean cameBack() {
    return cameBackFrom != null;
  }

  /** How often it came back. */
  final int returns() {
    return returns;
  }

  /** Whether it is to avoid some streams. */
  final boolean avoidsAny() {
    return trail != null || cameBackFrom != null;
  }

  final boolean avoids(CallStream to) {
    CallTrail been = trail;
    if (been != null && to.place().isAvoidedBy(been)) {
      return true;
    }
    Integer news = cameBackFrom == null ? null : cameBackFrom.get(to);
    return news != null && news == to.roomNews;
  }

  final CallTrail madeTrail() {
    CallTrail been = trail;
    if (been == null) {
      been = newTrail();
      trail = been;
    }
    return been;
  }

  // Ends; true where it was not over.

  final boolean succeed(Payload result) {
    payload = result;
    return STATE.getAndSet(this, OVER) != OVER;
  }

  final boolean accept(String acceptedAs) {
    acceptedId = acceptedAs;
    return STATE.getAndSet(this, OVER) != OVER;
  }

  final boolean fail(ClutchException why) {
    boolean first = STATE.getAndSet(this, OVER) != OVER;
    if (first) {
      failure = why;
      reached = true;
    }
    return first;
  }

  /** As long as it is not sent. */
  final boolean failUnsent(ClutchException why) {
    boolean first = STATE.compareAndSet(this, UNSENT, OVER);
    if (first) {
      failure = why;
    }
    return first;
  }

  /** As long as it is not sent: there is nothing to be told but that. */
  final boolean giveUpUnsent() {
    return STATE.compareAndSet(this, UNSENT, OVER);
  }

  /**
   * Ends it without an outcome, or with one to be set.
   *
   * @return whether a worker may have it; empty where it was over
   */
  final @Nullable Started stop() {
    return switch (STATE.getAndSet(this, OVER)) {
      case UNSENT -> Started.NO;
      case SENT -> Started.UNKNOWN;
      default -> null;
    };
  }

  /** After {@link #stop}. */
  final void stoppedFor(ClutchException why, Started started) {
    failure = why;
    reached = started != Started.NO;
  }

  /** Whether {@link #run} may be called on the network's thread. */
  final boolean runsHere() {
    return isToldDirectly() && failure == null && (payload != null || acceptedId != null);
  }

  /** How often opening a stream has failed while it waited; when that is known. */
  protected final int problems() {
    return problems;
  }

  /** Tells the outcome. */
  @Override
  public final void run() {
    Payload result = payload;
    String accepted = acceptedId;
    ClutchException why = failure;
    if (why != null) {
      failed(why, reached);
    } else if (result != null) {
      succeeded(result);
    } else if (accepted != null) {
      accepted(accepted);
    } else {
      unsent();
    }
  }

  @Override
  public final int size() {
    return ENVELOPE
        + call.function().length()
        + call.callId().length()
        + (call.headers().isEmpty() ? 0 : headersSize())
        + (call.durable() == null ? 0 : call.durable().getSerializedSize())
        + (isLong ? 0 : call.payload().getSerializedSize());
  }

  private int headersSize() {
    int size = 0;
    for (var header : call.headers().entrySet()) {
      size += header.getKey().length() + header.getValue().length() + 8;
    }
    return size;
  }

  @Override
  public final @Nullable Parts writeTo(CallStreamRequest.Builder message) {
    CallStream on = stream;
    return on == null ? null : on.write(this, message);
  }

  /** False where it is over. */
  final boolean sent() {
    return STATE.compareAndSet(this, UNSENT, SENT);
  }

  /** The item of the message; gives the parts that are to follow. */
  final @Nullable Parts writeTo(StreamedCall.Builder item, long nanosLeft) {
    item.setId(id).setFunction(call.function()).setTimeoutMicros(Math.max(1, nanosLeft / 1000));
    if (call.background()) {
      item.setBackground(true);
    }
    if (call.durable() != null) {
      item.setDurable(call.durable());
    }
    if (patient) {
      item.setPatient(true);
    }
    if (!call.callId().isEmpty()) {
      item.setCallId(call.callId());
    }
    call.headers().forEach((name, value) -> item.addHeadersBuilder().setName(name).setValue(value));
    if (!isLong) {
      item.setPayload(call.payload());
      return null;
    }
    LongPayload payload = LongPayload.of(call.payload());
    if (payload.content().isEmpty()) {
      item.setPayload(call.payload());
      return null;
    }
    item.setPayload(payload.head()).setBytesToCome(payload.content().size());
    Parts following = new Parts(id, payload.content(), () -> parts = null);
    parts = following;
    return following;
  }
}
