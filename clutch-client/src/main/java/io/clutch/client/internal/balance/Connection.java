package io.clutch.client.internal.balance;

import io.clutch.protocol.PlaceHeaders;
import io.grpc.ClientStreamTracer;
import io.grpc.LoadBalancer.PickResult;
import io.grpc.Metadata;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One connection to one process of a server, and how many calls are on it. Its state is owned by
 * the owner of the server; the counters, and what goes with them, are for any thread.
 */
final class Connection {

  /** {@code CONNECTING → GREETING → GREETED}, from each of them {@code → CLOSED}. */
  enum State {
    CONNECTING,
    /** Connected; the process has not yet said who it is. */
    GREETING,
    GREETED,
    CLOSED
  }

  private final Server server;
  private final Wire wire;
  private final AtomicInteger inFlight = new AtomicInteger();
  private final AtomicLong heardAt;
  private final PickResult result;

  /** The one call stream that gets calls. */
  private final AtomicReference<@Nullable StreamPlace> stream = new AtomicReference<>();

  private State state = State.CONNECTING;
  private final long dialledAt;
  private long greetedAt;
  private Greeting greeting = Greeting.ANONYMOUS;
  private boolean asked;

  Connection(Server server, Wire wire, long now) {
    this.server = server;
    this.wire = wire;
    this.dialledAt = now;
    this.heardAt = new AtomicLong(now);
    this.result = wire.result(new Tracers());
  }

  // For any thread.

  /** How many calls of this client are under way on it. */
  int inFlight() {
    StreamPlace place = stream.get();
    return inFlight.get() + (place == null ? 0 : place.underWay());
  }

  Server server() {
    return server;
  }

  /** What tells gRPC to take this connection. */
  PickResult result() {
    return result;
  }

  /** When the other end said something last; nanoseconds of the server's ticker. */
  long heardAt() {
    return heardAt.get();
  }

  private void heard(Metadata headers) {
    heard();
    PlaceHeaders.poolSize(headers).ifPresent(server::heard);
  }

  void heard() {
    heardAt.set(server.now());
  }

  void heard(int poolSize) {
    server.heard(PlaceHeaders.plausible(poolSize));
  }

  /** Gives it to a stream, where no other one has it. */
  boolean claim(StreamPlace place) {
    return stream.compareAndSet(null, place);
  }

  /** Whether it belongs to that stream. */
  boolean has(StreamPlace place) {
    return stream.get() == place;
  }

  /** That stream wants it no more. */
  void leave(StreamPlace place) {
    if (stream.compareAndSet(place, null)) {
      server.streamLeft(this);
    }
  }

  // For the owner.

  void connect() {
    wire.connect(server.listener(this));
  }

  /** The wire is connected: asks who is there. */
  void greet() {
    if (state == State.CONNECTING) {
      state = State.GREETING;
    }
    asked = true;
    wire.greet(server.listener(this));
  }

  void greeted(Greeting answer, long now) {
    asked = false;
    heardAt.set(now);
    if (state != State.GREETED) {
      state = State.GREETED;
      greetedAt = now;
      greeting = answer;
    }
  }

  void close() {
    state = State.CLOSED;
    retireStream();
    wire.close();
  }

  /** It is not to be used now: its stream gets no further calls. */
  void retireStream() {
    StreamPlace place = stream.getAndSet(null);
    if (place != null) {
      place.retire();
    }
  }

  State state() {
    return state;
  }

  /** Whether it is asked who it is, and has not answered. */
  boolean isAsked() {
    return asked;
  }

  boolean isPending() {
    return state == State.CONNECTING || state == State.GREETING;
  }

  /** When it was begun to be made. */
  long dialledAt() {
    return dialledAt;
  }

  /** When the process said who it is. */
  long greetedAt() {
    return greetedAt;
  }

  /** The process at the other end; null where it did not say. */
  @Nullable String process() {
    return greeting.process();
  }

  /** Its place in its pool. */
  int slot() {
    return greeting.slot();
  }

  void countOneMore() {
    inFlight.incrementAndGet();
  }

  void countOneLess() {
    inFlight.decrementAndGet();
  }

  /** Counts the RPCs, and reads what their answers say beside the answer. */
  private final class Tracers extends ClientStreamTracer.Factory {
    @Override
    public ClientStreamTracer newClientStreamTracer(
        ClientStreamTracer.StreamInfo info, Metadata headers) {
      StreamPlace place = info.getCallOptions().getOption(StreamPlace.KEY);
      if (place != null) {
        place.begin(Connection.this);
        return new Tracer(null);
      }
      CallTrail trail = info.getCallOptions().getOption(CallTrail.KEY);
      Attempt attempt = trail == null ? new Attempt() : trail.attempt();
      attempt.begin(Connection.this);
      return new Tracer(attempt);
    }
  }

  private final class Tracer extends ClientStreamTracer {
    private final @Nullable Attempt attempt;

    /**
     * @param attempt ends with the RPC; null for a stream, whose calls count
     */
    Tracer(@Nullable Attempt attempt) {
      this.attempt = attempt;
    }

    @Override
    public void inboundHeaders(Metadata headers) {
      heard(headers);
    }

    @Override
    public void inboundTrailers(Metadata trailers) {
      heard(trailers);
    }

    @Override
    public void streamClosed(Status status) {
      if (attempt != null) {
        attempt.end();
      }
    }
  }
}
