package io.clutch.worker;

import io.clutch.protocol.PlaceHeaders;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;

/** Has every answer say in which process of how many it was made. */
final class PlaceInterceptor implements ServerInterceptor {

  private final Membership membership;

  PlaceInterceptor(Membership membership) {
    this.membership = membership;
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    return next.startCall(new Placed<>(call), headers);
  }

  /** An RPC; its methods are not called by two threads at once. */
  private final class Placed<Q, R> extends SimpleForwardingServerCall<Q, R> {
    private boolean hasHeaders;

    private Placed(ServerCall<Q, R> call) {
      super(call);
    }

    @Override
    public void sendHeaders(Metadata headers) {
      hasHeaders = true;
      put(headers);
      super.sendHeaders(headers);
    }

    @Override
    public void close(Status status, Metadata trailers) {
      if (!hasHeaders) {
        // A refusal is all trailers.
        put(trailers);
      }
      super.close(status, trailers);
    }

    private void put(Metadata metadata) {
      PlaceHeaders.put(metadata, membership.slot(), membership.poolSize().getAsInt());
    }
  }
}
