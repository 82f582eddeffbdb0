package io.clutch.worker;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.clutch.protocol.stream.NetworkThread;
import io.clutch.v1.CallStreamRequest;
import io.clutch.v1.CallStreamResponse;
import io.clutch.v1.Place;
import io.clutch.worker.internal.dispatch.Dispatcher;
import io.clutch.worker.internal.permits.Permits;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The call streams of a worker, and what they have in common. Thread-safe. */
final class CallStreams {

  static final Logger log = LoggerFactory.getLogger(Worker.class);

  /** How exact deadlines are, and how soon permits follow what is so. */
  private static final Duration TICK = Duration.ofMillis(10);

  private final FunctionCall.Engine engine;
  private final Dispatcher dispatcher;
  private final Intake intake;
  private final DurableCalls durable;
  private final Membership membership;
  private final Settings settings;

  /** For transports that have no threads of Netty's. */
  private final ExecutorService otherThreads =
      Executors.newCachedThreadPool(
          new ThreadFactoryBuilder().setNameFormat("clutch-stream-%d").setDaemon(true).build());

  private final AtomicBoolean ticking = new AtomicBoolean();

  /** What else is to be done at every tick, and whether there is anything to do. */
  private volatile Runnable onTick = () -> {};

  private volatile BooleanSupplier goesOn = () -> false;

  @GuardedBy("this")
  private final Set<CallStreamSession> open = new HashSet<>();

  @GuardedBy("this")
  private boolean draining;

  /**
   * What is to be kept to.
   *
   * @param maxHeaderSize of one call, in bytes
   * @param hidesAuthorization whether the header of that name is not for functions
   */
  record Settings(int maxHeaderSize, boolean hidesAuthorization) {}

  CallStreams(
      FunctionCall.Engine engine,
      Dispatcher dispatcher,
      Intake intake,
      DurableCalls durable,
      Membership membership,
      Settings settings) {
    this.engine = engine;
    this.dispatcher = dispatcher;
    this.intake = intake;
    this.durable = durable;
    this.membership = membership;
    this.settings = settings;
  }

  /** A client opens one. Called on the thread of its connection. */
  StreamObserver<CallStreamRequest> open(
      Caller caller, ServerCallStreamObserver<CallStreamResponse> response) {
    return open(
        new CallHeaders(caller, settings.maxHeaderSize(), settings.hidesAuthorization(), false),
        response);
  }

  /** A sibling opens one. Called on the thread of its connection. */
  StreamObserver<CallStreamRequest> openForSibling(
      Caller sibling, ServerCallStreamObserver<CallStreamResponse> response) {
    // Whatever the headers are, the sibling has let them in.
    return open(
        new CallHeaders(sibling, Integer.MAX_VALUE, settings.hidesAuthorization(), true), response);
  }

  private StreamObserver<CallStreamRequest> open(
      CallHeaders headers, ServerCallStreamObserver<CallStreamResponse> response) {
    CallStreamSession session =
        new CallStreamSession(this, headers, response, NetworkThread.currentOr(otherThreads));
    boolean late;
    synchronized (this) {
      open.add(session);
      late = draining;
    }
    session.begin();
    if (late) {
      session.drain();
    }
    wake();
    return session;
  }

  synchronized void closed(CallStreamSession session) {
    open.remove(session);
    notifyAll();
  }

  private synchronized List<CallStreamSession> sessions() {
    return new ArrayList<>(open);
  }

  FunctionCall.Engine engine() {
    return engine;
  }

  Dispatcher dispatcher() {
    return dispatcher;
  }

  Intake intake() {
    return intake;
  }

  DurableCalls durable() {
    return durable;
  }

  Permits permits() {
    return engine.permits();
  }

  long now() {
    return engine.time().ticker().nanoTime();
  }

  Place place() {
    return Place.newBuilder()
        .setSlot(membership.slot())
        .setPoolSize(membership.poolSize().getAsInt())
        .build();
  }

  /** The size of the pool has changed. */
  void tellPlace() {
    sessions().forEach(CallStreamSession::tellPlace);
  }

  /** Sets what else is done at every tick, and whether ticks are to go on for its sake. */
  void onTick(Runnable onTick, BooleanSupplier goesOn) {
    this.onTick = onTick;
    this.goesOn = goesOn;
  }

  /** There is something to do: looks after deadlines and permits for a while. */
  void wake() {
    if (!ticking.get() && ticking.compareAndSet(false, true)) {
      schedule();
    }
  }

  private void schedule() {
    try {
      var unused = engine.time().timer().schedule(this::tick, TICK.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      log.debug("the worker has stopped, nobody waits any more", e);
    }
  }

  private void tick() {
    boolean busy = true;
    try {
      long now = now();
      busy = permits().tick();
      for (CallStreamSession session : sessions()) {
        session.sweep(now);
        busy |= session.hasCalls();
      }
      onTick.run();
      busy |= goesOn.getAsBoolean();
    } catch (RuntimeException e) {
      log.error("call streams met a defect", e);
    }
    if (busy) {
      schedule();
    } else {
      ticking.set(false);
      // Somebody may have come just before, and seen that this goes on.
      if (permits().isBusy()
          || goesOn.getAsBoolean()
          || sessions().stream().anyMatch(CallStreamSession::hasCalls)) {
        wake();
      }
    }
  }

  /** Ends those whose clients have been silent for so long, without calls. */
  void endIdle(Duration silence) {
    long latest = now() - silence.toNanos();
    for (CallStreamSession session : sessions()) {
      if (!session.isSibling() && !session.hasCalls() && session.heardAt() - latest < 0) {
        session.drain();
      }
    }
  }

  /** Has clients send no further calls, and end their streams. */
  void drain() {
    synchronized (this) {
      draining = true;
    }
    sessions().forEach(CallStreamSession::drain);
  }

  /** Ends each of them when its calls have ended, though its client has not. */
  void end() {
    sessions().forEach(CallStreamSession::end);
  }

  /** Waits until all have ended; false where that takes longer. */
  synchronized boolean awaitEnd(Duration atMost) throws InterruptedException {
    long end = System.nanoTime() + atMost.toNanos();
    while (!open.isEmpty()) {
      long millis = (end - System.nanoTime() + 999_999) / 1_000_000;
      if (millis <= 0) {
        return false;
      }
      wait(millis);
    }
    return true;
  }

  void stop() {
    otherThreads.shutdown();
  }
}
