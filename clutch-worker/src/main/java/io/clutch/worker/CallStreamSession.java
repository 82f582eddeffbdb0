package io.clutch.worker;

import static java.util.concurrent.TimeUnit.MICROSECONDS;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import com.google.common.base.CharMatcher;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Durations;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.protocol.stream.BatchWriter;
import io.clutch.protocol.stream.Item;
import io.clutch.protocol.stream.LongPayload.Assembly;
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
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One call stream. What comes in is handled on the thread of its connection, which is also the one
 * that messages are written on; answers come from any thread.
 */
final class CallStreamSession implements StreamObserver<CallStreamRequest> {

  /** While so much waits to be written, nothing is read: the client does not read either. */
  private static final long MOST_BACKLOG = 4 * 1024 * 1024;

  /** How many calls may have begun to arrive beyond the permits that there are. */
  private static final int MOST_ARRIVING = 1_000;

  private static final CharMatcher LEGAL = CharMatcher.inRange(' ', '~');

  private static final BatchWriter.Format<CallStreamResponse.Builder, CallStreamResponse> FORMAT =
      new BatchWriter.Format<>(
          CallStreamResponse::newBuilder,
          CallStreamResponse.Builder::addParts,
          CallStreamResponse.Builder::build);

  private final CallStreams home;
  private final Caller caller;
  private final ServerCallStreamObserver<CallStreamResponse> response;
  private final Executor thread;
  private final BatchWriter<CallStreamResponse.Builder, CallStreamResponse> writer;
  private final Permits.Seat seat;

  /** Those without a final item. */
  private final Map<Long, StreamedAnswer> calls = new ConcurrentHashMap<>();

  /** When the time of the first of them may be over, by the worker's clock. */
  private final AtomicLong firstDeadline = new AtomicLong(Long.MAX_VALUE);

  private final AtomicInteger permits = new AtomicInteger();
  private final AtomicBoolean permitsPending = new AtomicBoolean();
  private final AtomicLong heardAt;

  // Owned by the thread.

  /** Calls whose arguments are not here yet. */
  private final Map<Long, Arriving> arriving = new ConcurrentHashMap<>();

  private long lastId;
  private boolean paused;
  private volatile boolean draining;
  private volatile boolean over;

  /** A call whose argument comes in parts. */
  private record Arriving(
      StreamedCall head,
      StreamedAnswer answer,
      String callId,
      Caller caller,
      Admitted admitted,
      CallRecord record,
      Assembly assembly) {}

  CallStreamSession(
      CallStreams home,
      Caller caller,
      ServerCallStreamObserver<CallStreamResponse> response,
      Executor thread) {
    this.home = home;
    this.caller = caller;
    this.response = response;
    this.thread = thread;
    this.writer = new BatchWriter<>(response, FORMAT, thread);
    this.heardAt = new AtomicLong(home.now());
    this.seat = home.permits().open(this::permits);
  }

  /** Begins to read. */
  void begin() {
    response.setOnCancelHandler(this::lost);
    response.setOnReadyHandler(this::ready);
    response.disableAutoRequest();
    tellPlace();
    response.request(1);
  }

  private void permits(int number) {
    permits.set(number);
    if (permitsPending.compareAndSet(false, true)) {
      write(
          new StreamItems.Small(
              message -> {
                permitsPending.set(false);
                message.setPermits(permits.get());
              }));
    }
  }

  /** Says where this is. For any thread. */
  void tellPlace() {
    Place place = home.place();
    write(new StreamItems.Small(message -> message.setPlace(place)));
  }

  // From the client.

  @Override
  public void onNext(CallStreamRequest message) {
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
      Caller who = caller(call);
      record = home.intake().received(call.getFunction(), callId, background, who);
      if (draining) {
        throw ClutchException.notStarted(Reason.DRAINING, "the worker is about to stop");
      }
      Admitted admitted = home.intake().admit(who, call.getFunction());
      if (call.getBytesToCome() != 0) {
        await(call, answer, callId, who, admitted, record);
      } else {
        start(call, call.getPayload(), answer, callId, who, admitted, record);
      }
    } catch (ClutchException e) {
      refuse(answer, record, e);
    }
  }

  private static void refuse(StreamedAnswer answer, CallRecord record, ClutchException why) {
    if (answer.isReturn(why)) {
      record.returned();
    } else {
      record.ended(why);
    }
    answer.failure(why);
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

  /** The argument comes in parts. */
  private void await(
      StreamedCall call,
      StreamedAnswer answer,
      String callId,
      Caller who,
      Admitted admitted,
      CallRecord record) {
    long size = call.getBytesToCome();
    home.engine().invoker().checkSize(admitted.function(), size);
    if (arriving.size() >= Math.max(0, permits.get()) + MOST_ARRIVING) {
      throw ClutchException.notStarted(
          Reason.QUEUE_FULL, "too many arguments are on their way at the same time");
    }
    arriving.put(
        call.getId(),
        new Arriving(
            call, answer, callId, who, admitted, record, new Assembly(call.getPayload(), size)));
  }

  private void take(PayloadPart part) {
    Arriving call = arriving.get(part.getId());
    if (call == null) {
      // It was refused or cancelled meanwhile.
      return;
    }
    call.assembly().add(part.getData());
    if (call.assembly().isComplete()) {
      arriving.remove(part.getId());
      try {
        start(
            call.head(),
            call.assembly().payload(),
            call.answer(),
            call.callId(),
            call.caller(),
            call.admitted(),
            call.record());
      } catch (IllegalArgumentException e) {
        refuse(
            call.answer(),
            call.record(),
            ClutchException.notStarted(Reason.BAD_ARGUMENTS, String.valueOf(e.getMessage())));
      } catch (ClutchException e) {
        refuse(call.answer(), call.record(), e);
      }
    }
  }

  private void start(
      StreamedCall head,
      Payload argument,
      StreamedAnswer answer,
      String callId,
      Caller who,
      Admitted admitted,
      CallRecord record) {
    FunctionDefinition function = admitted.function();
    home.engine().invoker().checkSize(function, argument);
    boolean background = head.getBackground();
    Deadline deadline =
        background || answer.deadlineNanos() == Long.MAX_VALUE
            ? null
            : Deadline.after(
                answer.deadlineNanos() - home.now(), NANOSECONDS, home.engine().time().ticker());
    FunctionCall call =
        new FunctionCall(
            home.engine(),
            new Asked(function, argument, callId, background, who, admitted.identity(), deadline),
            Context.ROOT,
            background ? new BackgroundAnswer(function.name(), callId) : answer,
            record);
    if (background) {
      Ticket unused = home.dispatcher().submit(call);
      answer.accepted(callId);
    } else if (function.isInline()) {
      home.dispatcher().enter();
      call.run().run();
    } else if (head.getPatient()) {
      answer.taken(home.dispatcher().submit(call));
    } else {
      offer(call, answer, record);
    }
  }

  private void offer(FunctionCall call, StreamedAnswer answer, CallRecord record) {
    int room = seat.room(call.function().runTime().isAtLeast(Permits.SLOW.toNanos()));
    if (room == Integer.MAX_VALUE) {
      answer.setQueued();
    }
    Ticket ticket = home.dispatcher().offer(call, room);
    if (ticket == null) {
      refuse(answer, record, ClutchException.notStarted(Reason.QUEUE_FULL, "no place is free"));
    } else {
      answer.taken(ticket);
    }
  }

  private Caller caller(StreamedCall call) {
    if (call.getHeadersCount() == 0) {
      return caller;
    }
    Metadata headers = new Metadata();
    headers.merge(caller.metadata());
    int size = 0;
    for (Map.Entry<String, String> header : call.getHeadersMap().entrySet()) {
      // As HTTP/2 counts them.
      size += header.getKey().length() + header.getValue().length() + 32;
      put(headers, header.getKey(), header.getValue());
    }
    if (size > home.maxHeaderSize()) {
      throw ClutchException.notStarted(
          Reason.BAD_ARGUMENTS,
          "the headers have %d bytes; the worker's maxHeaderSize is %d"
              .formatted(size, home.maxHeaderSize()));
    }
    return new Caller(caller.peer(), headers, caller.credentials());
  }

  private void put(Metadata headers, String name, String value) {
    try {
      Metadata.Key<String> key = Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
      if (!LEGAL.matchesAllOf(value)) {
        throw new IllegalArgumentException("its value is not printable ASCII");
      }
      headers.discardAll(key);
      if (!home.isSecret(key.name())) {
        headers.put(key, value);
      }
    } catch (IllegalArgumentException e) {
      throw ClutchException.builder(
              Reason.BAD_ARGUMENTS,
              Started.NO,
              "the header '%s' is of no use: %s".formatted(name, e.getMessage()))
          .cause(e)
          .build();
    }
  }

  private void cancel(long id) {
    StreamedAnswer answer = calls.get(id);
    if (answer != null) {
      cancel(answer, Reason.CANCELLED, "the caller cancelled the call");
    }
  }

  private void cancel(StreamedAnswer answer, Reason reason, String message) {
    Arriving call = arriving.remove(answer.id());
    if (call != null) {
      refuse(answer, call.record(), ClutchException.notStarted(reason, message));
    } else {
      answer.cancel(reason, message);
    }
  }

  private void breaksProtocol(IllegalArgumentException e) {
    CallStreams.log.warn("a client breaks the protocol of call streams: {}", e.getMessage());
    response.onError(Status.INVALID_ARGUMENT.withDescription(e.getMessage()).asRuntimeException());
    lost();
  }

  @Override
  public void onCompleted() {
    end();
  }

  @Override
  public void onError(Throwable failure) {
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
            write(new StreamItems.Small(message -> message.setDraining(true)));
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
