package io.clutch.protocol.stream;

import com.google.protobuf.ByteString;
import io.clutch.v1.PayloadPart;

/** The parts of a payload that are still to be sent. Owned by the writer, but for {@link #stop}. */
public final class Parts {

  /** Small items wait for no more than this. */
  static final int PART_SIZE = 32 * 1024;

  private final long id;
  private final Runnable onEnd;
  private final ByteString content;
  private int sent;
  private volatile boolean stopped;

  /**
   * @param id of the call
   * @param content what is to be sent
   * @param onEnd is called when all of it is written; not where it is stopped before
   */
  public Parts(long id, ByteString content, Runnable onEnd) {
    this.id = id;
    this.content = content;
    this.onEnd = onEnd;
  }

  /** Nobody wants the rest any more. For any thread. */
  public void stop() {
    stopped = true;
  }

  boolean isStopped() {
    return stopped;
  }

  boolean isDone() {
    return sent == content.size();
  }

  int left() {
    return content.size() - sent;
  }

  PayloadPart next() {
    int end = Math.min(content.size(), sent + PART_SIZE);
    ByteString data = content.substring(sent, end);
    sent = end;
    if (isDone()) {
      onEnd.run();
    }
    return PayloadPart.newBuilder().setId(id).setData(data).build();
  }
}
