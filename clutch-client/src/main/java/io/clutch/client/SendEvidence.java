package io.clutch.client;

import com.google.common.base.Strings;
import io.clutch.protocol.ErrorStatus;
import io.clutch.protocol.Started;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.Status;

/**
 * Tells, for one RPC that failed without a word from the worker, whether a worker may have seen it:
 * what was never written to a connection, or was refused by the other side's HTTP/2 layer, was not.
 * Sees the end of every RPC, too, wherever it was by then.
 */
final class SendEvidence extends ClientStreamTracer.Factory {

  private final Runnable onEnd;
  private volatile boolean sent;
  private volatile boolean answered;

  /**
   * @param onEnd is run when the RPC ends
   */
  SendEvidence(Runnable onEnd) {
    this.onEnd = onEnd;
  }

  @Override
  public ClientStreamTracer newClientStreamTracer(
      ClientStreamTracer.StreamInfo info, Metadata headers) {
    return new ClientStreamTracer() {
      // Not when the stream is created: it may miss a connection that is just told to go away.
      @Override
      public void outboundHeaders() {
        sent = true;
      }

      @Override
      public void inboundHeaders() {
        answered = true;
      }

      @Override
      public void streamClosed(Status status) {
        onEnd.run();
      }
    };
  }

  /** Whether the RPC was written to a connection. */
  boolean isSent() {
    return sent;
  }

  /** Whether the function may have been started, given how the RPC ended. */
  Started started(Status status) {
    if (!sent || isRefused(status)) {
      return Started.NO;
    }
    if (ErrorStatus.isTooLarge(status)) {
      // Found by gRPC on one side or the other: in the answer, or in the request.
      return answered ? Started.YES : Started.NO;
    }
    return Started.UNKNOWN;
  }

  /**
   * Whether the other side said that it did not process the stream: RST_STREAM with REFUSED_STREAM
   * (RFC 9113, 8.7), or a GOAWAY without error that does not cover it (6.8). gRPC leaves only these
   * words of it.
   */
  private static boolean isRefused(Status status) {
    String description = Strings.nullToEmpty(status.getDescription());
    return status.getCode() == Status.Code.UNAVAILABLE
        && (description.contains("REFUSED_STREAM")
            || (description.startsWith("Abrupt GOAWAY closed")
                && description.contains("NO_ERROR")));
  }
}
