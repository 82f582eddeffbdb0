package io.clutch.worker;

import io.clutch.protocol.Reason;
import io.clutch.protocol.stream.BatchWriter;
import io.clutch.protocol.stream.Item;
import io.clutch.protocol.stream.NetworkThread;
import io.clutch.v1.CallStreamRequest;
import io.clutch.v1.CallStreamResponse;
import io.clutch.v1.Place;
import io.clutch.worker.internal.permits.Permits;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One call stream: what is said on it, and the calls on it that have no final item. What comes in
 * is handled on its {@link NetworkThread}, which is also the one that messages are written on;
 * answers come from any thread.
 */
final class CallStreamSession implements StreamObserver<CallStreamRequest> {

  /** While so much waits to be written, nothing is read: the client does not read either. */
  private static final long MOST_BACKLOG = 4 * 1024 * 1024;

  private static final BatchWriter.Format<CallStreamResponse.Builder, CallStreamResponse> FORMAT =
      new BatchWriter.Format<>(
          CallStreamResponse::newBuilder,
          CallStreamResponse.Builder::addParts,
          CallStreamResponse.Builder::build);

  private final CallStreams home;
  private final CallHeaders headers;
  private final ServerCallStreamObserver<CallStreamResponse> response;
  private final NetworkThread thread;
  private final BatchWriter<CallStreamResponse.Builder, CallStreamResponse> writer;
  private final Permits.Seat seat;

  /** Those without a final item. */
  private final Map<Long, StreamedAnswer> calls = new ConcurrentHashMap<>();

  /** When the time of the first of them may be over, by the worker's clock. */
  private final AtomicLong firstDeadline = new AtomicLong(Long.MAX_VALUE);

  private final AtomicInteger permits = new AtomicInteger();
  private final AtomicBoolean permitsPending = new AtomicBoolean();
  private final AtomicLong heardAt;

  private volatile boolean over;

  /** Owned by the thread. */
  private final StreamIntake intake;

  /** Owned by the thread. */
  private boolean paused;

  CallStreamSession(
      CallStreams home,
      CallHeaders headers,
      ServerCallStreamObserver<CallStreamResponse> response,
      NetworkThread thread) {
    this.home = home;
    this.headers = headers;
    this.response = response;
    this.thread = thread;
    this.writer = new BatchWriter<>(response, FORMAT, thread);
    this.heardAt = new AtomicLong(home.now());
    this.seat =
        headers.isSibling()
            ? home.permits().openForSibling(this::permits)
            : home.permits().open(this::permits);
    this.intake = new StreamIntake(this, home, headers, seat);
  }

  /** Begins to read. */
  void begin() {
    response.setOnCancelHandler(() -> thread.run(this::lost));
    response.setOnReadyHandler(() -> thread.run(this::ready));
    response.disableAutoRequest();
    tellPlace();
    response.request(1);
  }

  private void permits(int number) {
    permits.set(number);
    if (permitsPending.compareAndSet(false, true)) {
      write(
          StreamItems.small(
              message -> {
                permitsPending.set(false);
                message.setPermits(permits.get());
              }));
    }
  }

  /** Says where this is. For any thread. */
  void tellPlace() {
    Place place = home.place();
    write(StreamItems.small(message -> message.setPlace(place)));
  }

  // From the client.

  @Override
  public void onNext(CallStreamRequest message) {
    thread.run(() -> take(message));
  }

  @Override
  public void onCompleted() {
    end();
  }

  @Override
  public void onError(Throwable failure) {
    thread.run(this::lost);
  }

  private void take(CallStreamRequest message) {
    if (over) {
      return;
    }
    heardAt.lazySet(home.now());
    seat.heard();
    home.wake();
    try {
      message.getCallsList().forEach(intake::take);
      message.getPartsList().forEach(intake::take);
      message.getCancelledList().forEach(this::cancel);
    } catch (IllegalArgumentException e) {
      breaksProtocol(e);
      return;
    }
    if (message.hasWaiting()) {
      seat.waiting(Math.max(0, message.getWaiting()));
    } else {
      home.permits().changed();
    }
    paused = true;
    readOn();
  }

  /** Reads on, unless what was written before is not read. */
  private void readOn() {
    if (over || !paused) {
      return;
    }
    if (writer.backlog() <= MOST_BACKLOG) {
      paused = false;
      response.request(1);
    } else {
      // After what is ready now was written, as far as possible; then when more can be.
      thread.execute(
          () -> {
            if (writer.backlog() <= MOST_BACKLOG) {
              readOn();
            }
          });
    }
  }

  private void ready() {
    writer.flush();
    if (paused && writer.backlog() <= MOST_BACKLOG) {
      readOn();
    }
  }

  private void cancel(long id) {
    StreamedAnswer answer = calls.get(id);
    if (answer != null) {
      intake.cancel(answer, Reason.CANCELLED, "the caller cancelled the call");
    }
  }

  private void breaksProtocol(IllegalArgumentException e) {
    CallStreams.log.warn("a client breaks the protocol of call streams: {}", e.getMessage());
    response.onError(Status.INVALID_ARGUMENT.withDescription(e.getMessage()).asRuntimeException());
    lost();
  }

  /** The client has gone, or is sent away. */
  private void lost() {
    if (!over) {
      over();
      writer.end();
      calls
          .values()
          .forEach(
              answer ->
                  intake.cancel(
                      answer,
                      Reason.CANCELLED,
                      "the caller cancelled the call, or its connection was lost"));
    }
  }

  private void over() {
    over = true;
    seat.close();
    home.closed(this);
  }

  // From the intake.

  /** A call has come in, which is here until it is {@link #ended}. */
  void came(StreamedAnswer answer) {
    calls.put(answer.id(), answer);
    if (answer.deadlineNanos() != Long.MAX_VALUE) {
      firstDeadline.accumulateAndGet(answer.deadlineNanos(), Math::min);
    }
    if (!answer.isBackground()) {
      seat.came();
    }
  }

  /** How many permits the client has, as it is told. */
  int permits() {
    return permits.get();
  }

  // For any thread.

  void write(Item<CallStreamResponse.Builder> item) {
    if (!over) {
      writer.add(item);
    }
  }

  /** A call has come to its end; false where it had before. Its final item is written next. */
  boolean ended(StreamedAnswer answer) {
    if (calls.remove(answer.id()) == null) {
      return false;
    }
    if (answer.isQueued()) {
      seat.leftQueue();
    }
    if (!answer.isBackground()) {
      seat.ended();
    }
    return true;
  }

  boolean isSibling() {
    return headers.isSibling();
  }

  boolean hasCalls() {
    return !calls.isEmpty();
  }

  /** When the client was heard last, by the worker's clock. */
  long heardAt() {
    return heardAt.get();
  }

  /** Ends the calls whose time is over. */
  void sweep(long now) {
    if (now - firstDeadline.get() < 0 || firstDeadline.get() == Long.MAX_VALUE) {
      return;
    }
    firstDeadline.set(Long.MAX_VALUE);
    for (StreamedAnswer answer : calls.values()) {
      long deadline = answer.deadlineNanos();
      if (deadline == Long.MAX_VALUE) {
        continue;
      }
      if (now - deadline >= 0) {
        thread.execute(
            () -> intake.cancel(answer, Reason.DEADLINE_EXCEEDED, "the caller's deadline passed"));
      } else {
        firstDeadline.accumulateAndGet(deadline, Math::min);
      }
    }
  }

  /** Says that the worker is about to stop. Calls that come after that go back. */
  void drain() {
    thread.execute(
        () -> {
          if (!over && intake.drain()) {
            write(StreamItems.small(message -> message.setDraining(true)));
          }
        });
  }

  /** Ends the stream when its calls have ended. */
  void end() {
    thread.execute(() -> writer.finishWhen(this::isDone));
  }

  private boolean isDone() {
    if (hasCalls()) {
      return false;
    }
    if (!over) {
      over();
    }
    return true;
  }
}
