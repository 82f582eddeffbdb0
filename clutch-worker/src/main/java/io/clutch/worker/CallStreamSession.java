package io.clutch.worker;

import static java.util.concurrent.TimeUnit.MICROSECONDS;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Durations;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.protocol.stream.BatchWriter;
import io.clutch.protocol.stream.Item;
import io.clutch.protocol.stream.LongPayload.Assembly;
import io.clutch.protocol.stream.NetworkThread;
import io.clutch.v1.CallStreamRequest;
import io.clutch.v1.CallStreamResponse;
import io.clutch.v1.Payload;
import io.clutch.v1.PayloadPart;
import io.clutch.v1.Place;
import io.clutch.v1.StreamedCall;
import io.clutch.worker.FunctionCall.Asked;
import io.clutch.worker.Intake.Admitted;
import io.clutch.worker.internal.dispatch.Ticket;
import io.clutch.worker.internal.permits.Permits;
import io.clutch.worker.internal.telemetry.CallRecord;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One call stream. What comes in is handled on its {@link NetworkThread}, which is also the one
 * that messages are written on; answers come from any thread.
 */
final class CallStreamSession implements StreamObserver<CallStreamRequest> {

  /** While so much waits to be written, nothing is read: the client does not read either. */
  private static final long MOST_BACKLOG = 4 * 1024 * 1024;

  /** How many calls may have begun to arrive beyond the permits that there are. */
  private static final int MOST_ARRIVING = 1_000;

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

  // Owned by the thread.

  /** Calls whose arguments are not here yet. */
  private final Map<Long, Arriving> arriving = new HashMap<>();

  private long lastId;
  private boolean paused;
  private boolean draining;

  /** A call that was let in. */
  private record Incoming(
      StreamedCall head,
      StreamedAnswer answer,
      String callId,
      Caller caller,
      Admitted admitted,
      CallRecord record) {}

  /** A call whose argument comes in parts. */
  private record Arriving(Incoming call, Assembly argument) {}

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
      message.getCallsList().forEach(this::take);
      message.getPartsList().forEach(this::take);
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

  private void take(StreamedCall call) {
    long id = call.getId();
    if (Long.compareUnsigned(id, lastId) <= 0) {
      throw new IllegalArgumentException(
          "the id of a call is %s, after %s: ids grow"
              .formatted(Long.toUnsignedString(id), Long.toUnsignedString(lastId)));
    }
    lastId = id;
    boolean background = call.getBackground();
    StreamedAnswer answer = new StreamedAnswer(this, id, background, deadline(call));
    calls.put(id, answer);
    if (!background) {
      seat.came();
    }
    String callId = home.intake().id(call.getCallId());
    CallRecord record = CallRecord.NONE;
    try {
      Caller who = headers.of(call);
      record = home.intake().received(call.getFunction(), callId, background, who);
      if (headers.isSibling()) {
        record.fromSibling();
      }
      if (draining) {
        throw ClutchException.notStarted(Reason.DRAINING, "the worker is about to stop");
      }
      Admitted admitted = home.intake().admit(who, call.getFunction());
      Incoming incoming = new Incoming(call, answer, callId, who, admitted, record);
      if (call.getBytesToCome() == 0) {
        start(incoming, call.getPayload());
      } else {
        await(incoming);
      }
    } catch (RuntimeException e) {
      refuse(answer, record, e);
    }
  }

  /**
   * Ends a call that was not taken; what others throw, such as telemetry, ends no more than that.
   */
  private static void refuse(StreamedAnswer answer, CallRecord record, RuntimeException thrown) {
    ClutchException why = failure(thrown);
    if (answer.isReturn(why)) {
      record.returned();
    } else {
      record.ended(why);
    }
    answer.failure(why);
  }

  private static ClutchException failure(RuntimeException thrown) {
    if (thrown instanceof ClutchException expected) {
      return expected;
    }
    CallStreams.log.error("a call met a defect before it was taken", thrown);
    return ClutchException.builder(
            Reason.INTERNAL, Started.UNKNOWN, "the call met a defect: " + thrown)
        .cause(thrown)
        .build();
  }

  private long deadline(StreamedCall call) {
    long micros = call.getTimeoutMicros();
    if (micros == 0) {
      return Long.MAX_VALUE;
    }
    long longest = Durations.LONGEST.toSeconds() * 1_000_000;
    long capped = micros < 0 || micros > longest ? longest : micros;
    long nanos = home.now() + MICROSECONDS.toNanos(capped);
    firstDeadline.accumulateAndGet(nanos, Math::min);
    return nanos;
  }

  /** Its argument comes in parts. */
  private void await(Incoming call) {
    long size = call.head().getBytesToCome();
    home.engine().invoker().checkSize(call.admitted().function(), size);
    if (arriving.size() >= Math.max(0, permits.get()) + MOST_ARRIVING) {
      throw ClutchException.notStarted(
          Reason.QUEUE_FULL, "too many arguments are on their way at the same time");
    }
    arriving.put(
        call.head().getId(), new Arriving(call, new Assembly(call.head().getPayload(), size)));
  }

  private void take(PayloadPart part) {
    Arriving waits = arriving.get(part.getId());
    if (waits == null) {
      // It was refused or cancelled meanwhile.
      return;
    }
    waits.argument().add(part.getData());
    if (waits.argument().isComplete()) {
      arriving.remove(part.getId());
      Incoming call = waits.call();
      try {
        start(call, whole(waits.argument()));
      } catch (RuntimeException e) {
        refuse(call.answer(), call.record(), e);
      }
    }
  }

  private static Payload whole(Assembly argument) {
    try {
      return argument.payload();
    } catch (IllegalArgumentException e) {
      throw ClutchException.notStarted(Reason.BAD_ARGUMENTS, String.valueOf(e.getMessage()));
    }
  }

  private void start(Incoming incoming, Payload argument) {
    FunctionDefinition function = incoming.admitted().function();
    home.engine().invoker().checkSize(function, argument);
    StreamedAnswer answer = incoming.answer();
    boolean background = answer.isBackground();
    String callId = incoming.callId();
    Asked asked =
        new Asked(
            function,
            argument,
            callId,
            background,
            incoming.caller(),
            incoming.admitted().identity(),
            background ? null : deadline(answer));
    FunctionCall call =
        new FunctionCall(
            home.engine(),
            asked,
            Context.ROOT,
            background ? new BackgroundAnswer(function.name(), callId) : answer,
            incoming.record());
    if (background) {
      Ticket unused = home.dispatcher().submit(call);
      answer.accepted(callId);
    } else if (function.isInline()) {
      home.dispatcher().enter();
      call.run().run();
    } else if (incoming.head().getPatient()) {
      answer.taken(home.dispatcher().submit(call));
    } else {
      offer(call, answer);
    }
  }

  private @Nullable Deadline deadline(StreamedAnswer answer) {
    return answer.deadlineNanos() == Long.MAX_VALUE
        ? null
        : Deadline.after(
            answer.deadlineNanos() - home.now(), NANOSECONDS, home.engine().time().ticker());
  }

  private void offer(FunctionCall call, StreamedAnswer answer) {
    int room = seat.room(call.function().runTime().isAtLeast(Permits.SLOW.toNanos()));
    if (room == Integer.MAX_VALUE) {
      answer.setQueued();
    }
    Ticket ticket = home.dispatcher().offer(call, room);
    if (ticket == null) {
      throw ClutchException.notStarted(Reason.QUEUE_FULL, "no place is free");
    }
    answer.taken(ticket);
  }

  private void cancel(long id) {
    StreamedAnswer answer = calls.get(id);
    if (answer != null) {
      cancel(answer, Reason.CANCELLED, "the caller cancelled the call");
    }
  }

  private void cancel(StreamedAnswer answer, Reason reason, String message) {
    Arriving waits = arriving.remove(answer.id());
    if (waits != null) {
      refuse(answer, waits.call().record(), ClutchException.notStarted(reason, message));
    } else {
      answer.cancel(reason, message);
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
                  cancel(
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
            () -> cancel(answer, Reason.DEADLINE_EXCEEDED, "the caller's deadline passed"));
      } else {
        firstDeadline.accumulateAndGet(deadline, Math::min);
      }
    }
  }

  /** Says that the worker is about to stop. Calls that come after that go back. */
  void drain() {
    thread.execute(
        () -> {
          if (!draining && !over) {
            draining = true;
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
