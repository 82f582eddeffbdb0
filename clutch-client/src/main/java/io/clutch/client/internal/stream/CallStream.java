package io.clutch.client.internal.stream;

import static java.util.Objects.requireNonNull;

import com.google.common.base.Strings;
import com.google.common.util.concurrent.MoreExecutors;
import io.clutch.client.internal.balance.CallTrail;
import io.clutch.client.internal.balance.StreamPlace;
import io.clutch.protocol.stream.BatchWriter;
import io.clutch.protocol.stream.Chain;
import io.clutch.protocol.stream.Item;
import io.clutch.protocol.stream.NetworkThread;
import io.clutch.protocol.stream.Parts;
import io.clutch.v1.CallStreamRequest;
import io.clutch.v1.CallStreamResponse;
import io.clutch.v1.WorkerGrpc;
import io.grpc.CallOptions;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call stream: what is said on it. Its state belongs to one thread, that of its connection,
 * once the worker has said something; before that, no call is here. How many calls it has and may
 * have is kept for the {@link StreamPool}, under its lock.
 */
final class CallStream
    implements ClientResponseObserver<CallStreamRequest, CallStreamResponse>, StreamPlace.Stream {

  private static final Logger log = LoggerFactory.getLogger(StreamPool.class);

  /** A worker's messages are far smaller, whatever its results are. */
  private static final int MAX_MESSAGE = 1024 * 1024;

  /** How many calls in the background may wait for their acceptance. */
  static final int MAX_BACKGROUND = 1_000;

  private static final Item<CallStreamRequest.Builder> PROMPT =
      new Item<>() {
        @Override
        public int size() {
          return 0;
        }

        @Override
        public @Nullable Parts writeTo(CallStreamRequest.Builder message) {
          return null;
        }
      };

  private final StreamPool pool;
  private final StreamPlace place = new StreamPlace(this);

  /** What the RPC waits for. */
  private final CallTrail trail = new CallTrail();

  private volatile @Nullable ClientCallStreamObserver<CallStreamRequest> requests;
  private volatile @Nullable NetworkThread thread;
  private volatile @Nullable BatchWriter<CallStreamRequest.Builder, CallStreamRequest> writer;

  // Owned by the thread.

  private final OpenCalls calls;

  /** How many calls wait, as the worker was told last. */
  private int saidWaiting;

  private boolean takingBack;
  private final List<StreamedAttempt> bounced = new ArrayList<>();
  private boolean ended;

  // Guarded by the lock of the spread, but the last one is read by anybody.

  final Chain<StreamedAttempt> underWay = new Chain<>();

  /** Below 0 before the worker has said it. */
  int permits = -1;

  /** Grows whenever a call that came back may find room here. */
  int roomNews;

  int withPermit;

  /** Whether it gets no further calls. */
  boolean closing;

  /** Whether the worker is about to stop. */
  boolean draining;

  long usedAt;
  final long openedAt;
  private volatile int underWayCount;

  CallStream(StreamPool pool, int maxMessageSize, long now) {
    this.pool = pool;
    this.openedAt = now;
    this.calls = new OpenCalls(maxMessageSize);
  }

  /** Begins the RPC, which waits for a connection. */
  void open() {
    CallOptions options =
        CallOptions.DEFAULT
            .withExecutor(MoreExecutors.directExecutor())
            .withMaxInboundMessageSize(MAX_MESSAGE)
            .withOption(StreamPlace.KEY, place)
            .withOption(CallTrail.KEY, trail);
    // It outlives the call that it is opened for.
    Context previous = Context.ROOT.attach();
    try {
      var unused =
          ClientCalls.asyncBidiStreamingCall(
              pool.channel().newCall(WorkerGrpc.getCallStreamMethod(), options), this);
    } finally {
      Context.ROOT.detach(previous);
    }
  }

  StreamPlace place() {
    return place;
  }

  /** What the RPC waits for; null where it does not, or that is not known. */
  @Nullable String obstacle() {
    return trail.obstacle().orElse(null);
  }

  /** Ends the RPC at once. */
  void cancel(String why) {
    ClientCallStreamObserver<CallStreamRequest> open = requests;
    if (open != null) {
      open.cancel(why, null);
    }
  }

  // Under the lock of the spread.

  boolean isLive() {
    return permits >= 0 && !closing;
  }

  boolean takes(boolean background) {
    return isLive()
        && (background ? underWay.size() - withPermit < MAX_BACKGROUND : permits - withPermit > 0);
  }

  int load() {
    return place.isInTurn() ? 0 : underWay.size();
  }

  void reserve(StreamedAttempt attempt) {
    attempt.given(this);
    underWay.addLast(attempt);
    if (!attempt.call().background()) {
      withPermit++;
    }
    underWayCount = underWay.size();
  }

  /** It is under way here no more; false where it was not. */
  boolean release(StreamedAttempt attempt) {
    if (!underWay.remove(attempt)) {
      return false;
    }
    if (!attempt.call().background()) {
      withPermit--;
    }
    underWayCount = underWay.size();
    return true;
  }

  // For any thread.

  @Override
  public int underWay() {
    return underWayCount;
  }

  @Override
  public void placed() {
    pool.placed(this);
  }

  @Override
  public void retired() {
    pool.retired(this);
  }

  /** Has something said, once the worker has begun. */
  void add(Item<CallStreamRequest.Builder> item) {
    BatchWriter<CallStreamRequest.Builder, CallStreamRequest> to = writer;
    if (to != null) {
      to.add(item);
    }
  }

  /** Has the worker told how many calls wait. */
  void tellWaiting() {
    add(PROMPT);
  }

  /** Nobody waits any more for a call that was sent. */
  void tellCancelled(StreamedAttempt attempt) {
    add(
        new Item<>() {
          @Override
          public int size() {
            return 8;
          }

          @Override
          public @Nullable Parts writeTo(CallStreamRequest.Builder message) {
            if (calls.has(attempt)) {
              message.addCancelled(attempt.id);
              Parts rest = attempt.parts;
              if (rest != null) {
                rest.stop();
              }
            }
            return null;
          }
        });
  }

  /** Ends this direction once nothing is under way; then, soon, the stream is over. */
  void finish() {
    BatchWriter<CallStreamRequest.Builder, CallStreamRequest> to = writer;
    if (to == null) {
      cancel("nothing to call");
    } else {
      onThread(
          () ->
              to.finishWhen(
                  () -> {
                    boolean over = pool.isIdle(this);
                    if (over) {
                      pool.cancelSoon(this);
                    }
                    return over;
                  }));
    }
  }

  /** There may be nothing under way any more. */
  void finishIfIdle() {
    BatchWriter<CallStreamRequest.Builder, CallStreamRequest> to = writer;
    if (to != null) {
      to.schedule();
    }
  }

  private void onThread(Runnable task) {
    requireNonNull(thread).run(task);
  }

  // What gRPC says.

  @Override
  public void beforeStart(ClientCallStreamObserver<CallStreamRequest> requests) {
    this.requests = requests;
    requests.disableAutoRequestWithInitial(Integer.MAX_VALUE);
    requests.setOnReadyHandler(this::ready);
  }

  private void ready() {
    if (!place.isPlaced()) {
      pool.unplaced(this);
      return;
    }
    finishIfIdle();
  }

  @Override
  public void onNext(CallStreamResponse message) {
    if (!place.isPlaced()) {
      pool.unplaced(this);
      return;
    }
    if (thread == null) {
      NetworkThread owner = NetworkThread.currentOr(pool.callers());
      thread = owner;
      writer =
          new BatchWriter<>(
              requireNonNull(requests),
              new BatchWriter.Format<>(
                  CallStreamRequest::newBuilder, CallStreamRequest.Builder::addParts, this::build),
              owner);
    }
    onThread(() -> take(message));
  }

  @Override
  public void onError(Throwable failure) {
    end(Status.fromThrowable(failure), Status.trailersFromThrowable(failure));
  }

  @Override
  public void onCompleted() {
    end(Status.OK, null);
  }

  private void end(Status status, @Nullable Metadata trailers) {
    if (thread == null) {
      pool.ended(this, status, trailers);
      return;
    }
    onThread(() -> endOnThread(status, trailers));
  }

  // On the thread.

  private CallStreamRequest build(CallStreamRequest.Builder message) {
    int waiting = pool.waiting();
    boolean isNews = (waiting == 0) != (saidWaiting == 0);
    if (isNews || waiting > 2 * saidWaiting || 2 * waiting < saidWaiting) {
      saidWaiting = waiting;
      message.setWaiting(waiting);
    }
    return message.build();
  }

  /** Writes a call, where it is still to be written. */
  @Nullable Parts write(StreamedAttempt attempt, CallStreamRequest.Builder message) {
    if (attempt.isOver() || ended) {
      return null;
    }
    if (draining) {
      bounce(attempt);
      return null;
    }
    long left = attempt.expiresAt() - pool.now();
    if (left <= 0 || !attempt.sent()) {
      // Whoever looks for the expired ones ends it.
      return null;
    }
    calls.add(attempt);
    return attempt.writeTo(message.addCallsBuilder(), left);
  }

  /** The worker takes it no more: it goes elsewhere, in its order, when this message is written. */
  private void bounce(StreamedAttempt attempt) {
    bounced.add(attempt);
    if (!takingBack) {
      takingBack = true;
      requireNonNull(thread)
          .execute(
              () -> {
                takingBack = false;
                List<StreamedAttempt> back = List.copyOf(bounced);
                bounced.clear();
                pool.bounced(this, back);
              });
    }
  }

  private void take(CallStreamResponse message) {
    if (ended) {
      return;
    }
    place.heard();
    if (message.hasPlace()) {
      place.heard(message.getPlace().getPoolSize());
    }
    String violation = calls.take(message);
    pool.heard(this, calls, message.hasPermits() ? permits(message) : -1, message.getDraining());
    // The next message may be long in coming, and results large.
    calls.clear();
    if (violation != null) {
      log.warn(
          "the call stream with {} ends, for the worker broke the protocol: {}",
          Strings.nullToEmpty(place.server()),
          violation);
      String why = "the worker broke the protocol of call streams: " + violation;
      endOnThread(Status.UNAVAILABLE.withDescription(why), null);
      cancel(why);
    }
  }

  private static int permits(CallStreamResponse message) {
    int permits = message.getPermits();
    return permits < 0 ? Integer.MAX_VALUE : permits;
  }

  private void endOnThread(Status status, @Nullable Metadata trailers) {
    if (ended) {
      return;
    }
    ended = true;
    var unused = requireNonNull(writer).end();
    pool.ended(this, status, trailers);
  }
}
