package io.clutch.worker;

import static java.util.concurrent.TimeUnit.MICROSECONDS;
import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Durations;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.protocol.stream.LongPayload.Assembly;
import io.clutch.v1.Payload;
import io.clutch.v1.PayloadPart;
import io.clutch.v1.StreamedCall;
import io.clutch.worker.FunctionCall.Asked;
import io.clutch.worker.Intake.Admitted;
import io.clutch.worker.internal.dispatch.Ticket;
import io.clutch.worker.internal.permits.Permits;
import io.clutch.worker.internal.telemetry.CallRecord;
import io.grpc.Context;
import io.grpc.Deadline;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The calls that come in on one stream: lets them in, waits for arguments that come in parts, and
 * gives the calls to the dispatcher. Owned by the stream's thread.
 */
final class StreamIntake {

  /** How many calls may have begun to arrive beyond the permits that there are. */
  private static final int MOST_ARRIVING = 1_000;

  private final CallStreamSession session;
  private final CallStreams home;
  private final CallHeaders headers;
  private final Permits.Seat seat;

  /** Calls whose arguments are not here yet. */
  private final Map<Long, Arriving> arriving = new HashMap<>();

  private long lastId;
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

  StreamIntake(
      CallStreamSession session, CallStreams home, CallHeaders headers, Permits.Seat seat) {
    this.session = session;
    this.home = home;
    this.headers = headers;
    this.seat = seat;
  }

  /** From now on calls go back; false where that was so before. */
  boolean drain() {
    boolean begins = !draining;
    draining = true;
    return begins;
  }

  /**
   * A call comes in. It ends by its answer where it is not taken.
   *
   * @throws IllegalArgumentException where the client breaks the protocol
   */
  void take(StreamedCall call) {
    long id = call.getId();
    if (Long.compareUnsigned(id, lastId) <= 0) {
      throw new IllegalArgumentException(
          "the id of a call is %s, after %s: ids grow"
              .formatted(Long.toUnsignedString(id), Long.toUnsignedString(lastId)));
    }
    lastId = id;
    boolean background = call.getBackground() || call.hasDurable();
    StreamedAnswer answer = new StreamedAnswer(session, id, background, deadlineNanos(call));
    session.came(answer);
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

  /** When its time is over, by the worker's clock. */
  private long deadlineNanos(StreamedCall call) {
    long micros = call.getTimeoutMicros();
    if (micros == 0) {
      return Long.MAX_VALUE;
    }
    long longest = Durations.LONGEST.toSeconds() * 1_000_000;
    long capped = micros < 0 || micros > longest ? longest : micros;
    return home.now() + MICROSECONDS.toNanos(capped);
  }

  /** Its argument comes in parts. */
  private void await(Incoming call) {
    long size = call.head().getBytesToCome();
    home.engine().invoker().checkSize(call.admitted().function(), size);
    if (arriving.size() >= Math.max(0, session.permits()) + MOST_ARRIVING) {
      throw ClutchException.notStarted(
          Reason.QUEUE_FULL, "too many arguments are on their way at the same time");
    }
    arriving.put(
        call.head().getId(), new Arriving(call, new Assembly(call.head().getPayload(), size)));
  }

  /**
   * More of an argument comes in.
   *
   * @throws IllegalArgumentException likewise
   */
  void take(PayloadPart part) {
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
    if (incoming.head().hasDurable()) {
      keep(incoming, argument);
      return;
    }
    FunctionCall call = functionCall(incoming, argument);
    if (answer.isBackground()) {
      Ticket unused = home.dispatcher().submit(call);
      answer.accepted(incoming.callId());
    } else if (function.isInline()) {
      home.dispatcher().enter();
      call.run().run();
    } else if (incoming.head().getPatient()) {
      offerToWait(call, answer);
    } else {
      offer(call, answer);
    }
  }

  private void keep(Incoming incoming, Payload argument) {
    var unused =
        home.durable()
            .accept(
                incoming.admitted(),
                argument,
                incoming.callId(),
                incoming.caller(),
                incoming.head().getDurable())
            .whenComplete(
                (job, failure) -> {
                  if (failure == null) {
                    // It counts when it runs.
                    incoming.record().returned();
                    incoming.answer().accepted(incoming.callId(), job);
                  } else {
                    refuse(incoming.answer(), incoming.record(), JobService.clutchFailure(failure));
                  }
                });
  }

  private FunctionCall functionCall(Incoming incoming, Payload argument) {
    FunctionDefinition function = incoming.admitted().function();
    StreamedAnswer answer = incoming.answer();
    boolean background = answer.isBackground();
    Asked asked =
        new Asked(
            function,
            argument,
            incoming.callId(),
            background,
            incoming.caller(),
            incoming.admitted().identity(),
            background ? null : deadline(answer));
    return new FunctionCall(
        home.engine(),
        asked,
        Context.ROOT,
        background ? new BackgroundAnswer(function.name(), incoming.callId()) : answer,
        incoming.record());
  }

  private @Nullable Deadline deadline(StreamedAnswer answer) {
    return answer.deadlineNanos() == Long.MAX_VALUE
        ? null
        : Deadline.after(
            answer.deadlineNanos() - home.now(), NANOSECONDS, home.engine().time().ticker());
  }

  private void offerToWait(FunctionCall call, StreamedAnswer answer) {
    try {
      answer.taken(home.dispatcher().offerToWait(call));
    } catch (ClutchException e) {
      if (e.reason() == Reason.QUEUE_FULL) {
        // Or it would come here again at once.
        answer.setRefused();
      }
      throw e;
    }
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

  /** A call that came in is not wanted any more. It gets its final item all the same. */
  void cancel(StreamedAnswer answer, Reason reason, String message) {
    Arriving waits = arriving.remove(answer.id());
    if (waits != null) {
      refuse(answer, waits.call().record(), ClutchException.notStarted(reason, message));
    } else {
      answer.cancel(reason, message);
    }
  }
}
