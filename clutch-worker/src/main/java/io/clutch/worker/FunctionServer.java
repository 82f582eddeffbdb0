package io.clutch.worker;

import static com.google.common.collect.ImmutableList.toImmutableList;
import static java.util.stream.Collectors.joining;

import com.google.common.base.Stopwatch;
import com.google.common.base.Throwables;
import com.google.common.base.Ticker;
import com.google.common.collect.ImmutableList;
import com.google.common.util.concurrent.ThreadFactoryBuilder;
import com.google.common.util.concurrent.Uninterruptibles;
import io.clutch.protocol.ServerAddress;
import io.clutch.protocol.TimeSource;
import io.clutch.security.AccessControl;
import io.clutch.v1.WorkerGrpc;
import io.clutch.worker.internal.dispatch.Dispatcher;
import io.clutch.worker.internal.permits.Permits;
import io.clutch.worker.internal.siblings.Siblings;
import io.clutch.worker.internal.sockets.Network;
import io.clutch.worker.internal.telemetry.CallTelemetry;
import io.clutch.worker.internal.telemetry.CallTelemetry.Registration;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerInterceptors;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A worker while it serves: the gRPC server, the dispatcher and their threads. */
final class FunctionServer {

  private static final Logger log = LoggerFactory.getLogger(Worker.class);

  /** What a request may carry beside its payload: names, ids, the envelope. */
  private static final int ENVELOPE_SIZE = 64 * 1024;

  /** How long clients have to take note that this server ends, when no call is under way. */
  private static final Duration FAREWELL = Duration.ofSeconds(2);

  /** How long connections that were just accepted may take to be set up. */
  private static final Duration SETTLING = Duration.ofSeconds(2);

  /** How long answers that were just given may take to leave. */
  private static final Duration FLUSH = Duration.ofSeconds(1);

  /** How often requests that don't come to their end are looked for. */
  private static final Duration SWEEP = Duration.ofSeconds(5);

  private final ConnectionSource connections;
  private final AccessControl access;
  private final Server server;
  private final Dispatcher dispatcher;
  private final HealthStatusManager health;
  private final OpenRpcs openRpcs;
  private final CallStreams streams;
  private final HandOver handOver;
  private final int maxInboundSize;
  private final ExecutorService functionThreads;
  private final ScheduledThreadPoolExecutor timer;
  private final CallTelemetry telemetry;
  private final DurableCalls durable;

  /** What tells how much there is to do, while it serves. */
  private volatile Registration loadReport = () -> {};

  /** What connects it with its siblings; null where it has none, or does not serve yet. */
  private volatile @Nullable SiblingLink siblings;

  /** Whether nothing was given up, once all is over. */
  private final CompletableFuture<Boolean> drained = new CompletableFuture<>();

  private final AtomicBoolean stopping = new AtomicBoolean();

  private FunctionServer(
      WorkerOptions options,
      ConnectionSource connections,
      AccessControl access,
      Membership membership,
      Consumer<Error> onFatalError)
      throws IOException {
    this.connections = connections;
    this.access = access;
    Duration timeLimit = options.timeout().isZero() ? null : options.timeout();
    timer = new ScheduledThreadPoolExecutor(1, daemons("clutch-timer"));
    timer.setRemoveOnCancelPolicy(true);
    TimeSource time = options.time().orElseGet(() -> TimeSource.system(timer));
    functionThreads =
        Executors.newFixedThreadPool(options.concurrency(), daemons("clutch-function-%d"));
    dispatcher =
        new Dispatcher(
            new Dispatcher.Limits(
                options.concurrency(),
                options.queueCapacity(),
                timeLimit,
                membership.maxRequests()),
            functionThreads,
            time.timer(),
            time.guavaTicker(),
            membership.onLastRequest());
    Invoker invoker =
        new Invoker(
            options.functions(),
            options.codec(),
            options.maxMessageSize(),
            options.interceptor().orElse(null),
            onFatalError);
    RefusalLog refusals = new RefusalLog();
    Admission admission = new Admission(access, refusals);
    telemetry =
        CallTelemetry.of(options.openTelemetry(), options.functions().names(), membership.slot());
    Permits permits = new Permits(dispatcher, time.guavaTicker());
    dispatcher.onChange(permits::changed);
    FunctionCall.Engine engine =
        new FunctionCall.Engine(invoker, timeLimit, time, telemetry, permits);
    Door door = new Door(access, refusals);
    Intake intake = new Intake(options.functions(), door, telemetry, callIdPrefix());
    durable = openStore(options, membership, time, engine);
    dispatcher.onFree(durable::placeFree);
    streams =
        new CallStreams(
            engine,
            dispatcher,
            intake,
            durable,
            membership,
            new CallStreams.Settings(
                options.connectionLimits().maxHeaderSize(), access.hasTokens()));
    handOver = new HandOver(dispatcher, permits);
    maxInboundSize =
        (int) Math.min(Integer.MAX_VALUE, (long) options.maxMessageSize() + ENVELOPE_SIZE);
    CallService calls =
        new CallService(
            engine, dispatcher, intake, streams, durable, Description.of(options, membership));
    health = new HealthStatusManager();
    health.setStatus(WorkerGrpc.SERVICE_NAME, ServingStatus.SERVING);
    HealthGuard healthGuard = new HealthGuard();
    openRpcs = new OpenRpcs(Ticker.systemTicker());

    ServerBuilder<?> builder =
        connections.builder(new Network(access.sslContext(), options.connectionLimits()));
    telemetry.configure(builder);
    server =
        builder
            .directExecutor()
            .maxInboundMessageSize(maxInboundSize)
            .addService(ServerInterceptors.intercept(calls, admission))
            .addService(ServerInterceptors.intercept(new JobService(durable, door), admission))
            // Whoever balances load must know whether this worker serves, and nothing else.
            .addService(ServerInterceptors.intercept(health.getHealthService(), healthGuard))
            .addService(
                ServerInterceptors.intercept(ProtoReflectionServiceV1.newInstance(), admission))
            .addService(ServerInterceptors.intercept(oldReflection(), admission))
            .addTransportFilter(admission)
            .addTransportFilter(healthGuard)
            .addStreamTracerFactory(healthGuard.meters())
            .intercept(new PlaceInterceptor(membership))
            .intercept(openRpcs)
            .build();
    Duration maxIdle = options.connectionLimits().maxConnectionIdle();
    var unused =
        timer.scheduleWithFixedDelay(
            () -> sweep(maxIdle), SWEEP.toMillis(), SWEEP.toMillis(), TimeUnit.MILLISECONDS);
  }

  private DurableCalls openStore(
      WorkerOptions options, Membership membership, TimeSource time, FunctionCall.Engine engine)
      throws IOException {
    try {
      return DurableCalls.open(
          options, membership, time, new JobCalls(engine, dispatcher, membership.bell()));
    } catch (IOException | RuntimeException e) {
      functionThreads.shutdownNow();
      timer.shutdownNow();
      throw e;
    }
  }

  private void sweep(Duration maxIdle) {
    openRpcs.endOverdue();
    if (!maxIdle.isZero()) {
      streams.endIdle(maxIdle);
    }
  }

  /**
   * Starts to serve.
   *
   * @param connections where they come from; released where this fails
   * @throws IOException where an address cannot be listened on, or a file of certificates, tokens
   *     or rules is of no use; the message names it and the cause
   */
  static FunctionServer start(
      WorkerOptions options,
      ConnectionSource connections,
      Membership membership,
      Consumer<Error> onFatalError)
      throws IOException {
    Stopwatch stopwatch = Stopwatch.createStarted();
    FunctionServer started = prepare(options, connections, membership, onFatalError);
    try {
      started.server.start();
      started.openToSiblings();
      connections.open(started.server);
      started.durable.start();
      started.tellOfSafety(options, membership);
      started.reportLoad(options);
    } catch (IOException e) {
      started.abandon();
      throw new IOException(
          "cannot listen on %s: %s"
              .formatted(
                  connections.name().orElseGet(() -> join(options.addresses())),
                  Throwables.getRootCause(e).getMessage()),
          e);
    } catch (RuntimeException e) {
      started.abandon();
      throw e;
    }
    log.info(
        "worker ready on {}: {}pid {}, {} functions, concurrency {}, queue {}, timeout {}, in {} ms",
        connections.addresses().isEmpty()
            ? connections.name().orElse("nothing")
            : String.join(", ", connections.addresses()),
        membership.slot() == 0 ? "" : "slot " + membership.slot() + ", ",
        ProcessHandle.current().pid(),
        options.functions().all().size(),
        options.concurrency(),
        options.queueCapacity(),
        options.timeout().isZero() ? "none" : options.timeout(),
        stopwatch.elapsed().toMillis());
    return started;
  }

  private void openToSiblings() throws IOException {
    Optional<SiblingSocket> socket = connections.siblings();
    if (socket.isPresent()) {
      SiblingLink link = SiblingLink.open(socket.get(), streams, handOver, maxInboundSize);
      siblings = link;
      Siblings all = link.siblings();
      streams.onTick(
          () -> all.changed(handOver.count()),
          () -> all.exist() && (all.isAnnounced() || dispatcher.movableWaiting() > 0));
      dispatcher.onMovable(
          waiting -> {
            if (all.exist()) {
              streams.wake();
              all.changed(handOver.worthwhile(waiting));
            }
          });
    }
  }

  private static FunctionServer prepare(
      WorkerOptions options,
      ConnectionSource connections,
      Membership membership,
      Consumer<Error> onFatalError)
      throws IOException {
    AccessControl access = null;
    try {
      access = AccessControl.open(options.access());
      return new FunctionServer(options, connections, access, membership, onFatalError);
    } catch (IOException | RuntimeException e) {
      if (access != null) {
        access.close();
      }
      connections.release();
      throw e;
    }
  }

  /** Leaves nothing of a start that failed. */
  private void abandon() {
    server.shutdownNow();
    closeSiblings();
    durable.close();
    stopThreads();
    access.close();
    connections.release();
  }

  private void closeSiblings() {
    SiblingLink link = siblings;
    if (link != null) {
      link.close();
    }
  }

  private void tellOfSafety(WorkerOptions options, Membership membership) {
    access.warnOfUnused(
        options.functions().all().stream()
            .map(FunctionDefinition::name)
            .collect(toImmutableList()));
    boolean isOpen = options.access().equals(AccessControl.Options.NONE) && !options.insecure();
    // What a server of the program's own lets in is not known here.
    boolean isOwn = connections.name().isEmpty();
    // One of a pool is enough to say it.
    if (isOpen && isOwn && membership.slot() <= 1) {
      Exposure.warnOf(connections.addresses());
    }
  }

  private void reportLoad(WorkerOptions options) {
    loadReport =
        telemetry.observe(
            new CallTelemetry.Load(
                dispatcher::running,
                dispatcher::waiting,
                options.concurrency(),
                options.queueCapacity()),
            addresses().stream().findFirst().orElse(null));
  }

  /** The TCP addresses where clients find it, with their real ports. */
  ImmutableList<ServerAddress> addresses() {
    return connections.addresses().stream()
        // The others are paths of Unix-domain sockets.
        .filter(address -> !address.startsWith("/"))
        .map(ServerAddress::parse)
        .collect(toImmutableList());
  }

  Dispatcher dispatcher() {
    return dispatcher;
  }

  /** Who is told what the supervisor says about durable background calls. */
  JobNews jobNews() {
    return durable;
  }

  /** The size of the pool that this is in has changed. */
  void poolSizeChanged() {
    streams.tellPlace();
  }

  /** Other siblings take calls than before, on these sockets. */
  void siblingsChanged(List<String> sockets) {
    SiblingLink link = siblings;
    if (link != null) {
      link.update(sockets);
    }
  }

  /**
   * Stops to take calls, finishes those taken, and ends. Where that is under way already, waits for
   * it, at most as long.
   *
   * @param atMost after this time what is left is given up
   * @return whether nothing was given up
   */
  boolean drain(Duration atMost) {
    if (!stopping.compareAndSet(false, true)) {
      return awaitDrained(atMost);
    }
    int load = dispatcher.load();
    log.info("worker draining: {} calls to finish, at most {}", load, atMost);
    boolean finished = finishCallsUninterruptibly(Deadline.after(atMost));
    if (!finished) {
      log.warn("worker gives up {} calls that did not end within {}", dispatcher.load(), atMost);
      giveUp();
    }
    server.shutdownNow();
    closeSiblings();
    awaitLastWords();
    durable.close();
    stopThreads();
    access.close();
    connections.release();
    log.info("worker stopped");
    drained.complete(finished);
    return finished;
  }

  /** Another thread drains: waits for it. */
  private boolean awaitDrained(Duration atMost) {
    try {
      return Boolean.TRUE.equals(Uninterruptibles.getUninterruptibly(drained, atMost));
    } catch (ExecutionException | TimeoutException e) {
      return false;
    }
  }

  /** An interrupt of the thread that waits must not cost anyone's call. */
  private boolean finishCallsUninterruptibly(Deadline deadline) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return finishCalls(deadline);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private boolean finishCalls(Deadline deadline) throws InterruptedException {
    health.enterTerminalState();
    durable.drain();
    streams.drain();
    connections.close(deadline.left().compareTo(SETTLING) < 0 ? deadline.left() : SETTLING);
    server.shutdown();
    SiblingLink link = siblings;
    if (link != null) {
      link.shutdown();
    }
    if (!openRpcs.awaitCallsDone(deadline.left()) || !dispatcher.awaitIdle(deadline.left())) {
      return false;
    }
    openRpcs.endOthers();
    // Calls that clients sent before they knew still come in and are served, until the server has
    // terminated. A client that never takes note must not hold that up.
    Deadline farewell =
        Deadline.after(deadline.left().compareTo(FAREWELL) < 0 ? deadline.left() : FAREWELL);
    if (!server.awaitTermination(farewell.left().toMillis(), TimeUnit.MILLISECONDS)
        || (link != null && !link.awaitTermination(farewell.left()))) {
      dispatcher.refuse();
      openRpcs.endUnfinished();
      streams.end();
    }
    return streams.awaitEnd(deadline.left())
        && openRpcs.awaitCallsDone(deadline.left())
        && dispatcher.awaitIdle(deadline.left());
  }

  private void giveUp() {
    dispatcher.close();
    openRpcs.endUnfinished();
    openRpcs.endOthers();
    streams.end();
    try {
      boolean unused = openRpcs.awaitCallsDone(FLUSH) && streams.awaitEnd(FLUSH);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What was told last must have left before the network's threads end. */
  private void awaitLastWords() {
    boolean interrupted = Thread.interrupted();
    try {
      boolean unused = server.awaitTermination(FLUSH.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void stopThreads() {
    loadReport.close();
    // After a call was given up its place may have gone to one whose thread had not begun with it.
    functionThreads.shutdownNow().forEach(Runnable::run);
    timer.shutdownNow();
    streams.stop();
  }

  private static String join(ImmutableList<ServerAddress> addresses) {
    return addresses.stream().map(ServerAddress::toString).collect(joining(", "));
  }

  /** What {@code grpc_cli} and other tools of before 2023 know. */
  @SuppressWarnings("deprecation")
  private static BindableService oldReflection() {
    return ProtoReflectionService.newInstance();
  }

  private static String callIdPrefix() {
    return Long.toString(ProcessHandle.current().pid(), 36)
        + Long.toString(System.nanoTime() & 0xff_ffff, 36)
        + "-";
  }

  private static ThreadFactory daemons(String name) {
    return new ThreadFactoryBuilder().setNameFormat(name).setDaemon(true).build();
  }

  /** A moment by which something ends. */
  private record Deadline(long nanoTime) {
    static Deadline after(Duration duration) {
      return new Deadline(System.nanoTime() + duration.toNanos());
    }

    Duration left() {
      return Duration.ofNanos(Math.max(0, nanoTime - System.nanoTime()));
    }
  }
}
