package io.clutch.client;

import com.google.common.base.Strings;
import io.clutch.protocol.ErrorStatus;
import io.clutch.protocol.Started;
import io.grpc.Attributes;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;
import io.grpc.Status;

/**
 * Tells, for one RPC that failed without a word from the worker, whether a worker may have seen it:
 * what was never given to a connection, or was refused by the other side's HTTP/2 layer, was not.
 */
final class SendEvidence extends ClientStreamTracer.Factory {

  private volatile boolean sent;
  private volatile boolean answered;

  @Override
  public ClientStreamTracer newClientStreamTracer(
      ClientStreamTracer.StreamInfo info, Metadata headers) {
    // What gRPC repeats transparently no server has seen; a retry policy may repeat other streams.
    if (info.isTransparentRetry()) {
      sent = false;
      answered = false;
    }
    return new ClientStreamTracer() {
      @Override
      public void streamCreated(Attributes transport, Metadata headers) {
        sent = true;
      }

      @Override
      public void inboundHeaders() {
        answered = true;
      }
    };
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
   * (RFC 9113, 8.7), or a GOAWAY without error that does not cover it (6.8). gRPC repeats such a
   * stream once; the second time it leaves only these words.
   */
  private static boolean isRefused(Status status) {
    String description = Strings.nullToEmpty(status.getDescription());
    return status.getCode() == Status.Code.UNAVAILABLE
        && (description.contains("REFUSED_STREAM")
            || (description.startsWith("Abrupt GOAWAY closed")
                && description.contains("NO_ERROR")));
  }
}
