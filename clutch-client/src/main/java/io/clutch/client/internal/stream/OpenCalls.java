package io.clutch.client.internal.stream;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.ErrorStatus;
import io.clutch.protocol.PayloadCodec;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.protocol.stream.LongPayload;
import io.clutch.v1.Acceptance;
import io.clutch.v1.CallStreamResponse;
import io.clutch.v1.PayloadPart;
import io.clutch.v1.Progress;
import io.clutch.v1.StreamedFailure;
import io.clutch.v1.StreamedResult;
import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.collection.LongObjectMap;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The calls that were written to one stream and have no final item yet, and what the worker's last
 * message says of them. Owned by the stream's thread.
 */
final class OpenCalls {

  /** The worker said what it must not say. */
  private static final class ViolationException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ViolationException(String message) {
      super(message);
    }
  }

  private final int maxMessageSize;
  private final LongObjectMap<StreamedAttempt> open = new LongObjectHashMap<>();
  private long lastId;

  /** Those that got their final item, returned ones apart. */
  final List<StreamedAttempt> ended = new ArrayList<>();

  /** Those that came back. */
  final List<StreamedAttempt> returned = new ArrayList<>();

  /** Those of which there is an outcome to be told. */
  final List<StreamedAttempt> told = new ArrayList<>();

  /** Those whose result is too large to be collected. */
  final List<StreamedAttempt> unwanted = new ArrayList<>();

  OpenCalls(int maxMessageSize) {
    this.maxMessageSize = maxMessageSize;
  }

  /** It is written, under an id of its own. */
  void add(StreamedAttempt attempt) {
    attempt.id = ++lastId;
    open.put(lastId, attempt);
  }

  boolean has(StreamedAttempt attempt) {
    return open.get(attempt.id) == attempt;
  }

  /** Forgets what the last message said. */
  void clear() {
    ended.clear();
    returned.clear();
    told.clear();
    unwanted.clear();
  }

  /**
   * Reads a message.
   *
   * @return what is wrong with it; null where nothing is. What came before that counts
   */
  @Nullable String take(CallStreamResponse message) {
    clear();
    try {
      message.getProgressList().forEach(this::progress);
      message.getResultsList().forEach(this::result);
      message.getPartsList().forEach(this::part);
      message.getFailuresList().forEach(this::failure);
      message.getAcceptedList().forEach(this::acceptance);
      for (int i = 0; i < message.getReturnedCount(); i++) {
        returned.add(remove(message.getReturned(i)));
      }
      return null;
    } catch (ViolationException e) {
      return e.getMessage();
    }
  }

  private void progress(Progress progress) {
    StreamedAttempt attempt = open.get(progress.getId());
    if (attempt != null && !attempt.isOver()) {
      attempt.progressed(progress);
    }
  }

  private void result(StreamedResult result) {
    StreamedAttempt attempt = find(result.getId());
    check(!attempt.call().background(), "call %s in the background has a result", attempt.id);
    check(attempt.bytesToCome == 0, "call %s has two results", attempt.id);
    long toCome = result.getBytesToCome();
    if (toCome == 0) {
      end(attempt, attempt.succeed(result.getPayload()));
      return;
    }
    check(toCome > 0, "the result of call %s has too many bytes to come", attempt.id);
    attempt.bytesToCome = toCome;
    long most = maxMessageSize - (long) PayloadCodec.size(result.getPayload());
    if (toCome <= most) {
      attempt.assembly = new LongPayload.Assembly(result.getPayload(), toCome);
    } else if (attempt.fail(tooLarge(attempt, maxMessageSize - most, toCome))) {
      told.add(attempt);
      unwanted.add(attempt);
    }
  }

  private ClutchException tooLarge(StreamedAttempt attempt, long there, long toCome) {
    String function = attempt.call().function();
    return ClutchException.builder(
            Reason.MESSAGE_TOO_LARGE,
            Started.YES,
            "the result of function '%s' has %s bytes; the client's maxMessageSize is %d"
                .formatted(
                    function,
                    toCome > Long.MAX_VALUE - there ? "far too many" : there + toCome,
                    maxMessageSize))
        .detail(ClutchException.FUNCTION, function)
        .build();
  }

  private void part(PayloadPart part) {
    StreamedAttempt attempt = open.get(part.getId());
    if (attempt == null) {
      // What is left of a call that has ended.
      checkKnown(part.getId());
      return;
    }
    int size = part.getData().size();
    check(size > 0, "a part of the result of call %s is empty", attempt.id);
    check(
        size <= attempt.bytesToCome,
        "the result of call %s has more bytes than were announced",
        attempt.id);
    attempt.bytesToCome -= size;
    LongPayload.Assembly assembly = attempt.assembly;
    if (assembly != null && attempt.isOver()) {
      attempt.assembly = null;
    } else if (assembly != null) {
      assembly.add(part.getData());
    }
    if (attempt.bytesToCome == 0) {
      finish(attempt);
    }
  }

  private void finish(StreamedAttempt attempt) {
    LongPayload.Assembly whole = attempt.assembly;
    attempt.assembly = null;
    boolean first = false;
    if (whole != null) {
      try {
        first = attempt.succeed(whole.payload());
      } catch (IllegalArgumentException e) {
        throw new ViolationException(
            "the result of call %s: %s".formatted(attempt.id, e.getMessage()));
      }
    }
    end(attempt, first);
  }

  private void failure(StreamedFailure failure) {
    StreamedAttempt attempt = find(failure.getId());
    attempt.assembly = null;
    com.google.rpc.Status status =
        com.google.rpc.Status.newBuilder()
            .setCode(failure.getCode())
            .setMessage(failure.getMessage())
            .addAllDetails(failure.getDetailsList())
            .build();
    end(attempt, !attempt.isOver() && attempt.fail(ErrorStatus.fromMessage(status)));
  }

  private void acceptance(Acceptance acceptance) {
    StreamedAttempt attempt = find(acceptance.getId());
    check(attempt.call().background(), "call %s is accepted, but not a background one", attempt.id);
    end(attempt, attempt.accept(acceptedId(attempt.call(), acceptance)));
  }

  private static String acceptedId(OutgoingCall call, Acceptance acceptance) {
    if (call.durable() != null) {
      return acceptance.getJobId();
    }
    return acceptance.getCallId().isEmpty() ? call.callId() : acceptance.getCallId();
  }

  /**
   * @param first whether there is something to be told
   */
  private void end(StreamedAttempt attempt, boolean first) {
    open.remove(attempt.id);
    ended.add(attempt);
    if (first) {
      told.add(attempt);
    }
  }

  private StreamedAttempt remove(long id) {
    StreamedAttempt attempt = find(id);
    open.remove(id);
    return attempt;
  }

  private StreamedAttempt find(long id) {
    StreamedAttempt attempt = open.get(id);
    if (attempt == null) {
      checkKnown(id);
      throw new ViolationException(
          "call %s had its answer before".formatted(Long.toUnsignedString(id)));
    }
    return attempt;
  }

  private void checkKnown(long id) {
    check(id > 0 && id <= lastId, "call %s was never sent", Long.toUnsignedString(id));
  }

  private static void check(boolean is, String otherwise, Object id) {
    if (!is) {
      throw new ViolationException(otherwise.formatted(id));
    }
  }
}
