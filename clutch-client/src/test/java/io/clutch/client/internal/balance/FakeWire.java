package io.clutch.client.internal.balance;

import io.clutch.protocol.PlaceHeaders;
import io.grpc.Attributes;
import io.grpc.ClientStreamTracer;
import io.grpc.LoadBalancer.PickResult;
import io.grpc.LoadBalancer.Subchannel;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A connection to a {@link FakePool}. */
final class FakeWire implements Wire {

  private final Simulation time;
  private final FakePool pool;
  private final String host;
  private final Duration patience;

  final int attempt;

  /** How often the process was asked who it is. */
  int asked;

  private int unanswered;

  private @Nullable Listener listener;
  private ClientStreamTracer.@Nullable Factory tracers;
  private @Nullable FakeProcess process;
  private boolean closed;
  private boolean lost;

  FakeWire(Simulation time, FakePool pool, String host, int attempt, Duration patience) {
    this.time = time;
    this.pool = pool;
    this.host = host;
    this.attempt = attempt;
    this.patience = patience;
  }

  String host() {
    return host;
  }

  /** Whether the client has not closed it and the other side has not ended it. */
  boolean isOpen() {
    return !closed && !lost;
  }

  /** Whether a process has got it. */
  boolean isDealt() {
    return process != null;
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public void connect(Listener listener) {
    this.listener = listener;
    time.in(FakePool.LATENCY, () -> pool.accept(this));
  }

  /** A process has got it. */
  void dealt(FakeProcess to) {
    process = to;
    listener().connected();
  }

  @Override
  public void greet(Listener listener) {
    int question = ++asked;
    unanswered = question;
    time.in(
        FakePool.LATENCY.multipliedBy(2),
        () -> {
          if (isOpen() && process != null) {
            process.whenAnswering(() -> answer(listener, question));
          }
        });
    time.in(
        patience,
        () -> {
          if (isOpen() && question == unanswered) {
            listener.failed("no greeting");
          }
        });
  }

  private void answer(Listener listener, int question) {
    if (isOpen() && question == unanswered) {
      unanswered = 0;
      listener.greeted(process.greeting());
    }
  }

  /** The connection ends on the other side. */
  void lose(String why) {
    if (!lost) {
      lost = true;
      // Like gRPC it may say so after it was closed.
      listener().failed(why);
    }
  }

  private Listener listener() {
    if (listener == null) {
      throw new AssertionError("not connected");
    }
    return listener;
  }

  @Override
  public PickResult result(ClientStreamTracer.Factory tracers) {
    this.tracers = tracers;
    return PickResult.withSubchannel(new Nothing(), tracers);
  }

  /** A call begins on it. */
  FakeCall call() {
    ClientStreamTracer tracer =
        tracers.newClientStreamTracer(
            ClientStreamTracer.StreamInfo.newBuilder().build(), new Metadata());
    return new FakeCall(tracer);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      time.in(pool.closingTakes(), () -> pool.ended(this));
    }
  }

  /** One call under way. */
  record FakeCall(ClientStreamTracer tracer) {

    /** The answer has begun. */
    void headers(int poolSize) {
      tracer.inboundHeaders(place(poolSize));
    }

    /** The call was refused: there are no headers, and an end. */
    void refused(int poolSize) {
      tracer.inboundTrailers(place(poolSize));
      end();
    }

    void end() {
      tracer.streamClosed(Status.OK);
    }

    private static Metadata place(int poolSize) {
      Metadata metadata = new Metadata();
      PlaceHeaders.put(metadata, 1, poolSize);
      return metadata;
    }
  }

  private static final class Nothing extends Subchannel {
    @Override
    public void shutdown() {}

    @Override
    public void requestConnection() {}

    @Override
    public Attributes getAttributes() {
      return Attributes.EMPTY;
    }
  }
}
