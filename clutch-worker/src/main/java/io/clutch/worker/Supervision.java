package io.clutch.worker;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import io.clutch.process.Place;
import io.clutch.process.UnixSockets;
import io.clutch.protocol.Durations;
import io.clutch.v1.AttachRequest.Retiring;
import io.clutch.v1.AttachResponse.Welcome;
import io.clutch.worker.internal.dispatch.Dispatcher;
import io.clutch.worker.internal.dispatch.Dispatcher.Overdue;
import io.clutch.worker.internal.supervised.Orders;
import io.clutch.worker.internal.supervised.SupervisorStream;
import io.clutch.worker.internal.supervised.ThreadDump;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This worker as a child of a supervisor: serves what it is handed, reports, obeys. */
final class Supervision implements AutoCloseable, Orders {

  private static final Logger log = LoggerFactory.getLogger(Worker.class);

  /** How long the supervisor has to answer a child that wants to be drained. */
  private static final long ANSWER_MILLIS = 2_000;

  private final Place place;
  private final Worker worker;
  private final WorkerOptions options;
  private final EventLoopGroup loops;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          new ThreadFactoryBuilder().setNameFormat("clutch-supervision").setDaemon(true).build());
  private final AtomicBoolean askedForDrain = new AtomicBoolean();

  private final SupervisorStream stream;

  /** Functions found to go on after their time. Used by the timer only. */
  private int hung;

  private volatile int poolSize = 1;
  private volatile Duration drainTime;

  /** Whether the supervisor has said that durable background calls wait. */
  private volatile boolean jobsWait;

  /** Whether the supervisor knows that this child ends: it said so, or has gone. */
  private volatile boolean endIsKnown;

  private Supervision(Place place, Worker worker, WorkerOptions options) throws IOException {
    this.place = place;
    this.worker = worker;
    this.options = options;
    this.drainTime = options.gracefulTimeout();
    this.loops = UnixSockets.eventLoops("clutch-network", 1);
    try {
      this.stream = SupervisorStream.attach(place, loops, this);
    } catch (IOException e) {
      timer.shutdownNow();
      UnixSockets.stop(loops);
      throw e;
    }
  }

  /**
   * Attaches this process to its supervisor.
   *
   * @throws IOException where that does not want it, or has gone
   */
  static Supervision begin(Place place, Worker worker, WorkerOptions options) throws IOException {
    return new Supervision(place, worker, options);
  }

  /** Begins to serve, and tells the supervisor. */
  void serve(Consumer<Error> onFatalError) throws IOException {
    Welcome welcome = stream.welcome();
    GivenConnections.Supervised connections =
        GivenConnections.supervised(
            place,
            loops,
            welcome.getAddressesList().stream().collect(toImmutableList()),
            stream::connectionClosed);
    worker.start(
        connections,
        new Membership(
            place.slot(),
            place.generation(),
            // Each run of a supervisor has a folder of its own.
            place.socket().toString(),
            () -> poolSize,
            welcome.getMaxRequests(),
            () -> stream.retiring(Retiring.Reason.REQUEST_LIMIT),
            new SupervisorBell(stream::jobsWait, stream::jobsWanted)),
        onFatalError);
    if (jobsWait) {
      jobsWait();
    }
    stream.ready(
        connections.descriptorSocket(),
        place.siblingSocket(),
        options.gracefulTimeout(),
        options.concurrency());
    long interval = Durations.fromProto(welcome.getHeartbeatInterval()).toMillis();
    var unused =
        timer.scheduleWithFixedDelay(this::beat, 0, Math.max(1, interval), TimeUnit.MILLISECONDS);
  }

  private void beat() {
    try {
      FunctionServer server = worker.server();
      if (server != null) {
        Dispatcher dispatcher = server.dispatcher();
        stream.heartbeat(dispatcher.load(), dispatcher.taken());
        reportHangs(dispatcher);
      }
    } catch (RuntimeException e) {
      log.warn("cannot report to the supervisor", e);
    }
  }

  private void reportHangs(Dispatcher dispatcher) {
    Duration grace = Durations.fromProto(stream.welcome().getKillGrace());
    List<Overdue> overdue = dispatcher.overdue(grace);
    for (Overdue late : overdue) {
      FunctionCall call = (FunctionCall) late.task();
      String dump = ThreadDump.of(late.thread());
      log.error(
          "function '{}' (call {}) goes on {} after its time, though it was interrupted; this"
              + " process is to be replaced. Its threads:\n{}",
          call.function().name(),
          call.id(),
          grace,
          dump);
      stream.hung(call.function().name(), call.id(), dump);
    }
    hung += overdue.size();
    if (hung >= options.concurrency()) {
      // There is no thread left for those that wait, nor for any that may come.
      dispatcher.refuse();
      dispatcher.dropWaiting("the worker hangs in a function");
    }
  }

  /**
   * The end has come. Tells the supervisor where it was not its idea, so that it hands over no more
   * connections.
   *
   * @return how long the drain may take
   */
  Duration announceEnd() {
    if (!endIsKnown) {
      stream.retiring(Retiring.Reason.TOLD_TO_STOP);
    }
    return drainTime;
  }

  /**
   * Asks the supervisor to drain this child, so that it is handed no more connections. Goes ahead
   * alone where there is no answer.
   *
   * @return false where it was asked before
   */
  boolean askForDrain() {
    if (!askedForDrain.compareAndSet(false, true)) {
      return false;
    }
    stream.retiring(Retiring.Reason.TOLD_TO_STOP);
    var unused = timer.schedule(worker::askToStop, ANSWER_MILLIS, TimeUnit.MILLISECONDS);
    return true;
  }

  void tellFatalError() {
    stream.retiring(Retiring.Reason.FATAL_ERROR);
  }

  @Override
  public void drain(Duration atMost) {
    drainTime = atMost;
    endIsKnown = true;
    worker.askToStop();
  }

  @Override
  public void poolSize(int size) {
    poolSize = size;
    FunctionServer server = worker.server();
    if (server != null) {
      server.poolSizeChanged();
    }
  }

  @Override
  public void siblings(List<String> sockets) {
    FunctionServer server = worker.server();
    if (server != null) {
      server.siblingsChanged(sockets);
    }
  }

  @Override
  public void jobsWait() {
    // What comes before there is a server is passed on when there is one.
    jobsWait = true;
    FunctionServer server = worker.server();
    if (server != null) {
      server.jobNews().jobsWait();
    }
  }

  @Override
  public void childGone(int slot, long generation, long processId, String how) {
    // Comes after this child has said that it is ready.
    FunctionServer server = worker.server();
    if (server != null) {
      server.jobNews().childGone(slot, generation, processId, how);
    }
  }

  @Override
  public void lost() {
    endIsKnown = true;
    if (worker.askToStop()) {
      log.warn("the supervisor has gone: this worker finishes its calls and exits");
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
    stream.close();
    UnixSockets.stop(loops);
  }
}
