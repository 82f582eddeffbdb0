package io.clutch.protocol.stream;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import com.google.protobuf.ByteString;
import io.clutch.v1.Payload;

/**
 * A payload in parts. Its content is cut and put together without being copied.
 *
 * @param head the payload, without content
 * @param content the content
 */
public record LongPayload(Payload head, ByteString content) {

  /** What is larger is sent in parts. */
  public static final int THRESHOLD = Parts.PART_SIZE;

  /** Whether a payload is to be sent in parts. */
  public static boolean isLong(Payload payload) {
    return payload.getSerializedSize() > THRESHOLD;
  }

  /** Takes a payload apart. */
  public static LongPayload of(Payload payload) {
    return switch (payload.getContentCase()) {
      case JSON ->
          new LongPayload(Payload.newBuilder().setJson("").build(), payload.getJsonBytes());
      case DATA ->
          new LongPayload(
              Payload.newBuilder().setData(ByteString.EMPTY).build(), payload.getData());
      case MESSAGE ->
          new LongPayload(
              Payload.newBuilder()
                  .setMessage(payload.getMessage().toBuilder().clearValue())
                  .build(),
              payload.getMessage().getValue());
      case CONTENT_NOT_SET -> new LongPayload(payload, ByteString.EMPTY);
    };
  }

  /** Puts a payload together again. Not thread-safe. */
  public static final class Assembly {
    private final Payload head;
    private final long size;
    private ByteString content = ByteString.EMPTY;

    /**
     * @param head what came first
     * @param bytesToCome how many bytes of content follow; more than 0
     */
    public Assembly(Payload head, long bytesToCome) {
      checkArgument(bytesToCome > 0, "bytesToCome is %s", bytesToCome);
      this.head = head;
      this.size = bytesToCome;
    }

    /**
     * Adds a part.
     *
     * @throws IllegalArgumentException where it is empty, or more than was announced
     */
    public void add(ByteString part) {
      checkArgument(!part.isEmpty(), "a part of a payload is empty");
      checkArgument(
          part.size() <= size - content.size(),
          "a payload has more than the %s bytes that were announced",
          size);
      content = content.concat(part);
    }

    /** Whether all parts are there. */
    public boolean isComplete() {
      return content.size() == size;
    }

    /**
     * The payload.
     *
     * @throws IllegalArgumentException where the head already had content, or no kind
     */
    public Payload payload() {
      checkState(isComplete(), "parts are missing");
      Payload.Builder payload = head.toBuilder();
      switch (head.getContentCase()) {
        case JSON -> {
          checkArgument(content.isValidUtf8(), "a JSON text is not UTF-8");
          payload.setJsonBytes(head.getJsonBytes().concat(content));
        }
        case DATA -> payload.setData(head.getData().concat(content));
        case MESSAGE ->
            payload.setMessage(
                head.getMessage().toBuilder()
                    .setValue(head.getMessage().getValue().concat(content)));
        case CONTENT_NOT_SET ->
            throw new IllegalArgumentException("a payload of no kind comes in parts");
      }
      return payload.build();
    }
  }
}
