package io.clutch.worker.internal.siblings;

import static com.google.common.base.Preconditions.checkArgument;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.ErrorStatus;
import io.clutch.protocol.Started;
import io.clutch.protocol.stream.LongPayload;
import io.clutch.protocol.stream.Parts;
import io.clutch.v1.CallStreamResponse;
import io.clutch.v1.Payload;
import io.clutch.v1.PayloadPart;
import io.clutch.v1.StreamedCall;
import io.clutch.v1.StreamedFailure;
import io.clutch.v1.StreamedResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The calls that were written to one sibling and have no final item yet. Owned by the stream's
 * thread.
 */
final class SentCalls {

  private final Map<Long, Sent> open = new HashMap<>();
  private long lastId;

  /** One of them. */
  private static final class Sent {
    final HandedCall call;

    /** The parts of its argument that are still to be written. */
    @Nullable Parts parts;

    /** A result that comes in parts. */
    LongPayload.@Nullable Assembly assembly;

    Sent(HandedCall call) {
      this.call = call;
    }
  }

  int size() {
    return open.size();
  }

  /** The id of the one that was written last. */
  long lastId() {
    return lastId;
  }

  boolean has(long id) {
    return open.containsKey(id);
  }

  /**
   * Writes a call.
   *
   * @param nanosLeft the time that it has left
   * @return the parts that are to follow; null where it is whole
   */
  @Nullable Parts write(HandedCall call, long nanosLeft, StreamedCall.Builder item) {
    long id = ++lastId;
    Sent sent = new Sent(call);
    open.put(id, sent);
    item.mergeFrom(call.head().buildPartial()).setId(id);
    if (nanosLeft != Long.MAX_VALUE) {
      item.setTimeoutMicros(Math.max(1, nanosLeft / 1000));
    }
    Payload argument = call.argument();
    LongPayload inParts = LongPayload.isLong(argument) ? LongPayload.of(argument) : null;
    if (inParts == null || inParts.content().isEmpty()) {
      item.setPayload(argument);
      return null;
    }
    item.setPayload(inParts.head()).setBytesToCome(inParts.content().size());
    Parts parts = new Parts(id, inParts.content(), () -> sent.parts = null);
    sent.parts = parts;
    return parts;
  }

  /** Nobody wants it any more: what is left of its argument is not written. */
  void stop(long id) {
    Sent sent = open.get(id);
    if (sent != null && sent.parts != null) {
      sent.parts.stop();
    }
  }

  /**
   * Reads what a sibling says.
   *
   * @throws IllegalArgumentException where that makes no sense
   */
  void take(CallStreamResponse message) {
    message.getResultsList().forEach(this::result);
    message.getPartsList().forEach(this::part);
    message.getFailuresList().forEach(this::failure);
    message.getReturnedList().forEach(id -> remove(id).call.back(false));
    checkArgument(message.getAcceptedCount() == 0, "a call in the background was never sent");
  }

  private void result(StreamedResult result) {
    if (result.getBytesToCome() == 0) {
      remove(result.getId()).call.succeeded(result.getPayload());
      return;
    }
    Sent sent = find(result.getId());
    checkArgument(sent.assembly == null, "call %s has two results", result.getId());
    sent.assembly = new LongPayload.Assembly(result.getPayload(), result.getBytesToCome());
  }

  private void part(PayloadPart part) {
    Sent sent = open.get(part.getId());
    if (sent == null || sent.assembly == null) {
      // What is left of a call that has ended.
      return;
    }
    sent.assembly.add(part.getData());
    if (sent.assembly.isComplete()) {
      Payload whole = sent.assembly.payload();
      remove(part.getId()).call.succeeded(whole);
    }
  }

  private void failure(StreamedFailure failure) {
    HandedCall call = remove(failure.getId()).call;
    ClutchException why =
        ErrorStatus.fromMessage(
            com.google.rpc.Status.newBuilder()
                .setCode(failure.getCode())
                .setMessage(failure.getMessage())
                .addAllDetails(failure.getDetailsList())
                .build());
    if (why.started() == Started.NO) {
      // It may be of another version. What is wrong with the call is for this process to say.
      call.back(true);
    } else {
      call.failed(why);
    }
  }

  /** There is no stream any more: whatever it was, those that are complete there may have run. */
  void lost(ClutchException why) {
    List<Sent> lost = new ArrayList<>(open.values());
    open.clear();
    for (Sent sent : lost) {
      if (sent.parts != null) {
        sent.call.back(false);
      } else {
        sent.call.failed(why);
      }
    }
  }

  private Sent find(long id) {
    Sent sent = open.get(id);
    checkArgument(sent != null, "call %s is not under way", id);
    return sent;
  }

  private Sent remove(long id) {
    Sent sent = find(id);
    open.remove(id);
    return sent;
  }
}
