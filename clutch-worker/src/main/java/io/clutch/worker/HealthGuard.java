package io.clutch.worker;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerStreamTracer;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * In front of the health service, which whoever reaches the port may ask: keeps what it remembers
 * of him small. Its requests are short, and one connection has few of them at a time, for a {@code
 * Watch} lasts as long as its client likes.
 */
final class HealthGuard extends ServerTransportFilter implements ServerInterceptor {

  /** The most bytes of a request: the name of a service. */
  static final int LONGEST_REQUEST = 1024;

  /** The most that one connection may ask at a time; a client has one {@code Watch}. */
  static final int MOST_AT_A_TIME = 32;

  private static final Attributes.Key<AtomicInteger> UNDER_WAY =
      Attributes.Key.create("clutch-health-under-way");

  private static final Context.Key<Meter> METER = Context.key("clutch-health-meter");

  private static final ServerStreamTracer NO_METER = new ServerStreamTracer() {};

  @Override
  public Attributes transportReady(Attributes attributes) {
    return attributes.toBuilder().set(UNDER_WAY, new AtomicInteger()).build();
  }

  /** Measures what comes as it comes: gRPC gathers a request before anyone may look at it. */
  ServerStreamTracer.Factory meters() {
    return new ServerStreamTracer.Factory() {
      @Override
      public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
        return method.startsWith(HealthGrpc.SERVICE_NAME + "/") ? new Meter() : NO_METER;
      }
    };
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    AtomicInteger underWay = call.getAttributes().get(UNDER_WAY);
    if (underWay == null) {
      underWay = new AtomicInteger();
    }
    Refusal refusal = new Refusal(call);
    if (underWay.incrementAndGet() > MOST_AT_A_TIME) {
      refusal.say("one connection may ask for health %d times at once".formatted(MOST_AT_A_TIME));
      return new Asked<>(new ServerCall.Listener<>() {}, refusal, underWay);
    }
    Meter meter = METER.get();
    if (meter != null) {
      meter.begin(refusal);
    }
    return new Asked<>(next.startCall(call, headers), refusal, underWay);
  }

  /** Ends a request, once. */
  private static final class Refusal {
    private final ServerCall<?, ?> call;
    private final AtomicBoolean isSaid = new AtomicBoolean();

    private Refusal(ServerCall<?, ?> call) {
      this.call = call;
    }

    private void say(String why) {
      if (isSaid.compareAndSet(false, true)) {
        call.close(Status.RESOURCE_EXHAUSTED.withDescription(why), new Metadata());
      }
    }

    private void sayTooLong() {
      say("a request for health may have %d bytes".formatted(LONGEST_REQUEST));
    }
  }

  /** How much of a request has come. */
  private static final class Meter extends ServerStreamTracer {
    private final AtomicLong bytes = new AtomicLong();
    private volatile @Nullable Refusal refusal;

    @Override
    public Context filterContext(Context context) {
      return context.withValue(METER, this);
    }

    private void begin(Refusal whereTooLong) {
      refusal = whereTooLong;
    }

    @Override
    public void inboundWireSize(long more) {
      Refusal whereTooLong = refusal;
      if (bytes.addAndGet(more) > LONGEST_REQUEST && whereTooLong != null) {
        whereTooLong.sayTooLong();
      }
    }
  }

  /** A request under way. */
  private static final class Asked<Q> extends SimpleForwardingServerCallListener<Q> {
    private final Refusal refusal;
    private final AtomicInteger underWay;

    private Asked(ServerCall.Listener<Q> listener, Refusal refusal, AtomicInteger underWay) {
      super(listener);
      this.refusal = refusal;
      this.underWay = underWay;
    }

    @Override
    public void onMessage(Q request) {
      // What was compressed on the wire is longer here.
      if (request instanceof HealthCheckRequest asked
          && asked.getSerializedSize() > LONGEST_REQUEST) {
        refusal.sayTooLong();
      }
      if (!refusal.isSaid.get()) {
        super.onMessage(request);
      }
    }

    @Override
    public void onHalfClose() {
      if (!refusal.isSaid.get()) {
        super.onHalfClose();
      }
    }

    @Override
    public void onCancel() {
      underWay.decrementAndGet();
      super.onCancel();
    }

    @Override
    public void onComplete() {
      underWay.decrementAndGet();
      super.onComplete();
    }
  }
}
