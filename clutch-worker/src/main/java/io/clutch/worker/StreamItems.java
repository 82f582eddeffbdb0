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
import io.clutch.worker.jobs.AcceptedJob;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a worker says on a call stream. */
final class StreamItems {

  /** What an item takes beside its content, about. */
  private static final int OVERHEAD = 16;

  private StreamItems() {}

  /** A result that goes in one piece. */
  static Item<CallStreamResponse.Builder> result(long id, Payload payload) {
    return new Whole(
        OVERHEAD + payload.getSerializedSize(),
        message -> message.addResults(StreamedResult.newBuilder().setId(id).setPayload(payload)));
  }

  /**
   * A result that goes in parts.
   *
   * @param parts makes the parts of its content, when its turn has come
   */
  static Item<CallStreamResponse.Builder> longResult(
      long id, LongPayload payload, Function<ByteString, Parts> parts) {
    return new Item<>() {
      @Override
      public int size() {
        return OVERHEAD;
      }

      @Override
      public Parts writeTo(CallStreamResponse.Builder message) {
        ByteString content = payload.content();
        message.addResults(
            StreamedResult.newBuilder()
                .setId(id)
                .setPayload(payload.head())
                .setBytesToCome(content.size()));
        return parts.apply(content);
      }
    };
  }

  /** A failure. */
  static Item<CallStreamResponse.Builder> failure(long id, ClutchException failure) {
    com.google.rpc.Status status = ErrorStatus.toMessage(failure);
    return new Whole(
        OVERHEAD + status.getSerializedSize(),
        message ->
            message.addFailures(
                StreamedFailure.newBuilder()
                    .setId(id)
                    .setCode(status.getCode())
                    .setMessage(status.getMessage())
                    .addAllDetails(status.getDetailsList())));
  }

  /** The acceptance of a background call. */
  static Item<CallStreamResponse.Builder> accepted(long id, String callId) {
    return new Whole(
        OVERHEAD + callId.length(),
        message -> message.addAccepted(Acceptance.newBuilder().setId(id).setCallId(callId)));
  }

  /** The acceptance of a durable one. */
  static Item<CallStreamResponse.Builder> accepted(long id, String callId, AcceptedJob job) {
    return new Whole(
        OVERHEAD + callId.length() + job.jobId().length(),
        message ->
            message.addAccepted(
                Acceptance.newBuilder()
                    .setId(id)
                    .setCallId(callId)
                    .setJobId(job.jobId())
                    .setExisted(job.existed())));
  }

  /** Something small. */
  static Item<CallStreamResponse.Builder> small(Consumer<CallStreamResponse.Builder> writer) {
    return new Whole(OVERHEAD, writer);
  }

  /** An item that goes in one piece. */
  private record Whole(int size, Consumer<CallStreamResponse.Builder> writer)
      implements Item<CallStreamResponse.Builder> {
    @Override
    public @Nullable Parts writeTo(CallStreamResponse.Builder message) {
      writer.accept(message);
      return null;
    }
  }
}
