package io.clutch.worker;

import com.google.protobuf.ByteString;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.ErrorStatus;
import io.clutch.protocol.stream.Item;
import io.clutch.protocol.stream.LongPayload;
import io.clutch.protocol.stream.Parts;
import io.clutch.v1.Acceptance;
import io.clutch.v1.CallStreamResponse;
import io.clutch.v1.Payload;
import io.clutch.v1.StreamedFailure;
import io.clutch.v1.StreamedResult;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a worker says on a call stream. */
final class StreamItems {

  /** What an item takes beside its payload. */
  private static final int OVERHEAD = 16;

  private StreamItems() {}

  /** A result that goes in one piece. */
  record Result(long id, Payload payload) implements Item<CallStreamResponse.Builder> {
    @Override
    public int size() {
      return OVERHEAD + payload.getSerializedSize();
    }

    @Override
    public @Nullable Parts writeTo(CallStreamResponse.Builder message) {
      message.addResults(StreamedResult.newBuilder().setId(id).setPayload(payload));
      return null;
    }
  }

  /**
   * A result that goes in parts.
   *
   * @param parts makes the parts of its content, when its turn has come
   */
  record LongResult(long id, LongPayload payload, Function<ByteString, Parts> parts)
      implements Item<CallStreamResponse.Builder> {
    @Override
    public int size() {
      return OVERHEAD;
    }

    @Override
    public @Nullable Parts writeTo(CallStreamResponse.Builder message) {
      ByteString content = payload.content();
      message.addResults(
          StreamedResult.newBuilder()
              .setId(id)
              .setPayload(payload.head())
              .setBytesToCome(content.size()));
      return parts.apply(content);
    }
  }

  /** A failure. */
  record Failure(long id, com.google.rpc.Status status)
      implements Item<CallStreamResponse.Builder> {
    Failure(long id, ClutchException failure) {
      this(id, ErrorStatus.toMessage(failure));
    }

    @Override
    public int size() {
      return OVERHEAD + status.getSerializedSize();
    }

    @Override
    public @Nullable Parts writeTo(CallStreamResponse.Builder message) {
      message.addFailures(
          StreamedFailure.newBuilder()
              .setId(id)
              .setCode(status.getCode())
              .setMessage(status.getMessage())
              .addAllDetails(status.getDetailsList()));
      return null;
    }
  }

  /** The acceptance of a background call. */
  record Accepted(long id, String callId) implements Item<CallStreamResponse.Builder> {
    @Override
    public int size() {
      return OVERHEAD + callId.length();
    }

    @Override
    public @Nullable Parts writeTo(CallStreamResponse.Builder message) {
      message.addAccepted(Acceptance.newBuilder().setId(id).setCallId(callId));
      return null;
    }
  }

  /** Something small. */
  record Small(Consumer<CallStreamResponse.Builder> writer)
      implements Item<CallStreamResponse.Builder> {
    @Override
    public int size() {
      return OVERHEAD;
    }

    @Override
    public @Nullable Parts writeTo(CallStreamResponse.Builder message) {
      writer.accept(message);
      return null;
    }
  }
}
