package io.clutch.client.internal.stream;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Lists;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.clutch.client.internal.balance.CallTrail;
import io.clutch.client.internal.balance.StreamPlace;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.ErrorStatus;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.protocol.TimeSource;
import io.grpc.Channel;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The call streams of a client, and the line of the calls that wait for them. A call goes to the
 * stream with a free permit that has the fewest under way, equals take turns; without a permit it
 * waits in the line. One further stream always waits in gRPC's channel for a connection.
 *
 * <p>One lock guards where each call is. It is held for moments, and nothing is called under it.
 * Invariant: no stream has room for a call in the line that may go there. Thread-safe.
 */
public final class StreamPool {

  private static final Logger log = LoggerFactory.getLogger(StreamPool.class);

  private static final ImmutableList<StreamedAttempt> NONE = ImmutableList.of();

  /** A call that came back so often is let wait at a worker. */
  private static final int MOST_RETURNS = 10;

  /** A stream that ends so soon is a failure. */
  private static final Duration SHORT_LIFE = Duration.ofSeconds(1);

  /** What a worker may take to end a stream that was ended here. */
  private static final Duration END_PATIENCE = Duration.ofSeconds(5);

  /** A call that has left the line for a stream, which is to be told so once. */
  private record Given(StreamedAttempt attempt, CallStream to) {}

  /** What the pool needs of the client. */
  public interface Host {
    /** Where streams are opened. */
    Channel channel();

    /** What deadlines are measured by. */
    TimeSource time();

    /** How long to wait after the given number of failures. */
    Duration pauseAfter(int failures);

    /** Runs {@code task} later; false where the client is closed. */
    boolean schedule(Runnable task, Duration delay);

    /** Has gRPC connect again soon. */
    void reconnectSoon();
  }

  private final Host host;
  private final CallerThreads callers;
  private final int maxMessageSize;
  private final Expiry expiry;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final WaitingLine line = new WaitingLine();

  /** Those that may get calls. */
  private final LiveStreams live = new LiveStreams();

  /** Those whose RPC has not ended. */
  @GuardedBy("lock")
  private final Set<CallStream> all = new LinkedHashSet<>();

  /** Waits for a connection. */
  @GuardedBy("lock")
  private @Nullable CallStream opening;

  /** Whether another one is to be opened a moment later. */
  @GuardedBy("lock")
  private boolean pausing;

  @GuardedBy("lock")
  private final OpeningTrouble trouble = new OpeningTrouble();

  @GuardedBy("lock")
  private boolean closing;

  /** How many calls wait for a permit; background calls don't. Written under the lock. */
  private volatile int waiting;

  private volatile boolean usable = true;

  /**
   * @param callers run what becomes of calls
   * @param maxMessageSize of a result
   */
  public StreamPool(Host host, CallerThreads callers, int maxMessageSize) {
    this.host = host;
    this.callers = callers;
    this.maxMessageSize = maxMessageSize;
    this.expiry = new Expiry(host.time(), this::expire);
  }

  /** Whether calls can go over streams. Once they can't, they never can again. */
  public boolean isUsable() {
    return usable;
  }

  Channel channel() {
    return host.channel();
  }

  CallerThreads callers() {
    return callers;
  }

  long now() {
    return host.time().ticker().nanoTime();
  }

  /** How many calls wait for a process. */
  public int waiting() {
    return waiting;
  }

  boolean isIdle(CallStream stream) {
    synchronized (lock) {
      return stream.underWay.isEmpty();
    }
  }

  // What callers want.

  /** Sends a call, or puts it in the line. */
  public void send(StreamedAttempt attempt) {
    CallStream to;
    boolean news = false;
    boolean open = false;
    boolean over = false;
    List<StreamPlace> tryAgain = ImmutableList.of();
    synchronized (lock) {
      if (attempt.isOver()) {
        return;
      }
      to = live.choose(attempt);
      if (to != null) {
        live.give(attempt, to);
      } else if (!usable || (closing && live.isEmpty())) {
        over = attempt.giveUpUnsent();
      } else if (isRefused()) {
        over = attempt.failUnsent(trouble.refusal());
      } else {
        tryAgain = trouble.takeRefused();
        attempt.problemsBefore = trouble.failures();
        attempt.waitsSince = now();
        line.addLast(attempt);
        news = noteWaiting();
        open = opening == null && !pausing;
      }
    }
    if (over) {
      callers.execute(attempt);
      return;
    }
    if (to != null) {
      to.add(attempt);
    }
    if (news) {
      tellWaiting();
    }
    if (open) {
      open();
    }
    tryAgain.forEach(StreamPlace::leave);
    expiry.watch(attempt.expiresAt());
  }

  /** Nobody waits for it any more. */
  public void cancel(StreamedAttempt attempt) {
    Started started = attempt.stop();
    if (started != null) {
      stopped(attempt, started, Reason.CANCELLED);
    }
  }

  /** Ends it, with a failure. */
  public void stop(StreamedAttempt attempt, Function<Started, ClutchException> why) {
    Started started = attempt.stop();
    if (started != null) {
      ClutchException failure = why.apply(started);
      attempt.stoppedFor(failure, started);
      stopped(attempt, started, failure.reason());
      callers.execute(attempt);
    }
  }

  private void stopped(StreamedAttempt attempt, Started started, Reason reason) {
    List<Given> given = new ArrayList<>();
    boolean news;
    boolean waited;
    CallStream on = attempt.stream();
    synchronized (lock) {
      waited = line.remove(attempt);
      if (!waited && on != null && started == Started.NO && on.release(attempt)) {
        serve(on, given);
      }
      news = noteWaiting();
      wakeCloser();
    }
    if (waited) {
      attempt.waited(now() - attempt.waitsSince, reason);
    }
    sendGiven(given, news);
    if (on != null) {
      if (started != Started.NO) {
        on.tellCancelled(attempt);
      }
      on.finishIfIdle();
    }
  }

  // Where calls go; under the lock.

  /** A stream may have room: the first in the line that may go there go there. */
  @GuardedBy("lock")
  private void serve(CallStream stream, List<Given> given) {
    while (line.waiting() > 0 && stream.takes(false)) {
      StreamedAttempt next = line.pollForPermit(each -> live.suits(each, stream));
      if (next == null) {
        break;
      }
      giveWaiting(next, stream, given);
    }
    while (line.hasBackground() && stream.takes(true)) {
      StreamedAttempt next = line.pollBackground(each -> live.suits(each, stream));
      if (next == null) {
        break;
      }
      giveWaiting(next, stream, given);
    }
  }

  @GuardedBy("lock")
  private void giveWaiting(StreamedAttempt next, CallStream to, List<Given> given) {
    if (!next.isOver()) {
      live.give(next, to);
      given.add(new Given(next, to));
    }
  }

  /** Several may have room, or be avoided no more. */
  @GuardedBy("lock")
  private void serveAll(List<Given> given) {
    if (line.isEmpty()) {
      return;
    }
    boolean mayTake = live.hasRoom(false);
    boolean mayTakeBackground = live.hasRoom(true);
    for (StreamedAttempt next : mayTake || mayTakeBackground ? line.copy() : NONE) {
      boolean background = next.call().background();
      if (background ? !mayTakeBackground : !mayTake) {
        continue;
      }
      CallStream to = live.choose(next);
      if (to != null) {
        line.remove(next);
        giveWaiting(next, to, given);
        mayTake = background ? mayTake : live.hasRoom(false);
        mayTakeBackground = background ? live.hasRoom(true) : mayTakeBackground;
      }
    }
  }

  @GuardedBy("lock")
  private boolean noteWaiting() {
    int before = waiting;
    int now = line.waiting();
    if (now == before) {
      return false;
    }
    waiting = now;
    return (before == 0) != (now == 0);
  }

  @GuardedBy("lock")
  private void wakeCloser() {
    if (closing) {
      lock.notifyAll();
    }
  }

  /** What was given goes to the heads of the streams' own lines. Not under the lock. */
  private void sendGiven(List<Given> given, boolean news) {
    for (Given each : given) {
      StreamedAttempt attempt = each.attempt();
      attempt.waited(now() - attempt.waitsSince, null);
      each.to().add(attempt);
    }
    if (news) {
      tellWaiting();
    }
    if (mustOpen()) {
      // Calls have come back that were under way when there was nothing else to call.
      open();
    }
  }

  private boolean mustOpen() {
    synchronized (lock) {
      return opening == null && !pausing && !line.isEmpty();
    }
  }

  private void tellWaiting() {
    live.all().forEach(CallStream::tellWaiting);
  }

  /** The outcomes of calls: who only waits for one is woken, the others are run elsewhere. */
  private void tell(List<StreamedAttempt> outcomes) {
    if (outcomes.isEmpty()) {
      return;
    }
    List<StreamedAttempt> others = new ArrayList<>(outcomes.size());
    for (StreamedAttempt each : outcomes) {
      if (each.runsHere()) {
        each.run();
      } else {
        others.add(each);
      }
    }
    callers.execute(others);
  }

  // What streams say.

  /**
   * A stream has heard something.
   *
   * @param permits below 0 where it was not said
   */
  void heard(CallStream stream, OpenCalls calls, int permits, boolean drains) {
    List<Given> given = new ArrayList<>();
    boolean news;
    boolean joins = false;
    boolean startsDraining;
    boolean isOver;
    List<StreamPlace> tryAgain = ImmutableList.of();
    synchronized (lock) {
      startsDraining = drains && !stream.draining;
      if (startsDraining) {
        stream.draining = true;
        retire(stream);
      }
      for (StreamedAttempt each : calls.ended) {
        var unused = stream.release(each);
      }
      if (permits >= 0) {
        joins = stream.permits < 0 && !stream.closing;
        stream.permits = permits;
        stream.roomNews++;
      }
      for (StreamedAttempt each : calls.returned) {
        var unused = stream.release(each);
      }
      for (StreamedAttempt each : Lists.reverse(calls.returned)) {
        cameBack(stream, each, calls.told);
      }
      if (joins) {
        tryAgain = join(stream);
      }
      if (joins || startsDraining || !calls.returned.isEmpty()) {
        serveAll(given);
      } else {
        serve(stream, given);
      }
      news = noteWaiting();
      isOver = stream.closing && stream.underWay.isEmpty();
      wakeCloser();
    }
    tell(calls.told);
    sendGiven(given, news);
    calls.unwanted.forEach(stream::tellCancelled);
    if (joins && waiting > 0) {
      stream.tellWaiting();
    }
    if (startsDraining) {
      stream.finish();
    } else if (isOver) {
      stream.finishIfIdle();
    }
    tryAgain.forEach(StreamPlace::leave);
  }

  @GuardedBy("lock")
  private List<StreamPlace> join(CallStream stream) {
    live.add(stream);
    trouble.worked();
    return trouble.takeRefused();
  }

  /** Not started, and no failure: it goes to the head of the line. */
  @GuardedBy("lock")
  private void cameBack(CallStream from, StreamedAttempt attempt, List<StreamedAttempt> told) {
    if (!attempt.takeBack()) {
      return;
    }
    if (!from.draining) {
      if (attempt.isPatient()) {
        if (attempt.fail(
            ClutchException.notStarted(
                Reason.QUEUE_FULL, "the worker sent the call back, though it may wait there"))) {
          told.add(attempt);
        }
        return;
      }
      attempt.cameBackFrom(from);
      if (attempt.returns() >= MOST_RETURNS || mustQueue(attempt, from)) {
        attempt.waitsAnywhere();
      }
    }
    attempt.problemsBefore = trouble.failures();
    waitAgain(attempt);
  }

  /**
   * Whether a call that came back is to wait at a worker: there is no other one, or only those say
   * that they have room that it came back from. So their calls are quick, and soon worked off.
   */
  @GuardedBy("lock")
  private boolean mustQueue(StreamedAttempt attempt, CallStream from) {
    return live.isOnly(from) || (live.hasRoom(false) && !live.hasRoomElsewhere(attempt));
  }

  /** Notes where an attempt was, and where else it could have been. */
  public void note(StreamedAttempt attempt, CallTrail trail) {
    CallStream on = attempt.stream();
    if (on != null) {
      on.place().note(trail, live.places());
    }
  }

  @GuardedBy("lock")
  private void waitAgain(StreamedAttempt attempt) {
    attempt.waitsSince = now();
    line.addFirst(attempt);
  }

  @GuardedBy("lock")
  private void retire(CallStream stream) {
    stream.closing = true;
    live.remove(stream);
  }

  /** A stream that drains did not write these. */
  void bounced(CallStream from, List<StreamedAttempt> attempts) {
    List<Given> given = new ArrayList<>();
    boolean news;
    synchronized (lock) {
      for (StreamedAttempt each : Lists.reverse(attempts)) {
        if (from.release(each) && !each.isOver()) {
          waitAgain(each);
        }
      }
      serveAll(given);
      news = noteWaiting();
      wakeCloser();
    }
    sendGiven(given, news);
    from.finishIfIdle();
  }

  /** Its connection is used no more. */
  void retired(CallStream stream) {
    List<Given> given = new ArrayList<>();
    boolean news;
    synchronized (lock) {
      if (stream.closing) {
        return;
      }
      retire(stream);
      serveAll(given);
      news = noteWaiting();
    }
    sendGiven(given, news);
    stream.finish();
  }

  /** It was ended here: the worker has some time to end it, too. */
  void cancelSoon(CallStream stream) {
    var unused =
        CompletableFuture.runAsync(
            () -> stream.cancel("ended before"),
            CompletableFuture.delayedExecutor(
                END_PATIENCE.toMillis(), TimeUnit.MILLISECONDS, callers));
  }

  /** Streams that are open show what the client showed before: others take their places. */
  public void renew() {
    for (CallStream each : live.all()) {
      retired(each);
      each.place().leave();
    }
  }

  // Streams come and go.

  private void open() {
    CallStream stream;
    synchronized (lock) {
      if (opening != null || pausing || closing || !usable) {
        return;
      }
      stream = new CallStream(this, maxMessageSize, System.nanoTime());
      opening = stream;
      all.add(stream);
    }
    stream.open();
    boolean isTooLate;
    synchronized (lock) {
      isTooLate = stream.closing;
    }
    if (isTooLate) {
      stream.cancel("not needed any more");
    }
  }

  /** It has got a connection: the next one waits. */
  void placed(CallStream stream) {
    synchronized (lock) {
      if (opening != stream) {
        return;
      }
      opening = null;
    }
    // Not within gRPC, which is about to begin this one.
    callers.execute(this::open);
  }

  /** Another policy than ours has given it a connection: it gives some process all calls. */
  void unplaced(CallStream stream) {
    goUnary("its balance policy is another one");
    stream.cancel("no place for streams");
  }

  private void goUnary(String why) {
    List<StreamedAttempt> unsent;
    List<CallStream> streams;
    synchronized (lock) {
      if (!usable) {
        return;
      }
      usable = false;
      unsent = emptyLine();
      streams = List.copyOf(all);
      streams.forEach(this::retire);
      opening = null;
      wakeCloser();
    }
    log.debug("calls go without call streams: {}", why);
    callers.execute(unsent);
    streams.forEach(CallStream::finish);
  }

  /** All that wait end, without an outcome of their own. */
  @GuardedBy("lock")
  private List<StreamedAttempt> emptyLine() {
    List<StreamedAttempt> unsent = new ArrayList<>();
    for (StreamedAttempt each : line.copy()) {
      line.remove(each);
      if (each.giveUpUnsent()) {
        unsent.add(each);
      }
    }
    var unused = noteWaiting();
    return unsent;
  }

  /** The RPC has ended; on the stream's thread. */
  void ended(CallStream stream, Status status, @Nullable Metadata trailers) {
    boolean wasOpen;
    boolean wasRetired;
    boolean news;
    List<StreamedAttempt> told = new ArrayList<>();
    List<Given> given = new ArrayList<>();
    synchronized (lock) {
      wasOpen = stream.permits >= 0;
      wasRetired = stream.closing;
      all.remove(stream);
      retire(stream);
      sortOut(stream, status, trailers, told);
      serveAll(given);
      news = noteWaiting();
      wakeCloser();
    }
    tell(told);
    sendGiven(given, news);
    if (wasOpen || wasRetired) {
      boolean isShort = System.nanoTime() - stream.openedAt < SHORT_LIFE.toNanos();
      if (!isShort) {
        lasted();
      }
      // A process that drains will do so again, until its connection has gone.
      boolean isBad = stream.draining || (isShort && !status.isOk());
      leave(stream, isBad ? pause() : Duration.ZERO);
    } else if (status.getCode() == Status.Code.UNIMPLEMENTED) {
      goUnary("a worker does not know them");
    } else {
      notOpened(stream, ErrorStatus.fromStatus(status, trailers, Started.NO));
    }
  }

  private void lasted() {
    synchronized (lock) {
      trouble.lasted();
    }
  }

  private Duration pause() {
    int failures;
    synchronized (lock) {
      failures = trouble.countSuccession();
    }
    return host.pauseAfter(failures);
  }

  /** Another stream may take its place then. Connections know the system's time only. */
  private void leave(CallStream stream, Duration pause) {
    if (pause.isZero()) {
      stream.place().leave();
    } else {
      var unused =
          CompletableFuture.runAsync(
              stream.place()::leave,
              CompletableFuture.delayedExecutor(pause.toMillis(), TimeUnit.MILLISECONDS, callers));
    }
  }

  /** Of the calls of a stream that has ended, some may have been started. */
  @GuardedBy("lock")
  private void sortOut(
      CallStream stream, Status status, @Nullable Metadata trailers, List<StreamedAttempt> told) {
    List<StreamedAttempt> unsent = new ArrayList<>();
    List<StreamedAttempt> underWay = new ArrayList<>();
    stream.underWay.copyTo(underWay);
    for (StreamedAttempt each : underWay) {
      var unused = stream.release(each);
      // One whose argument was not written to its end cannot have been started.
      if (each.isUnsent() || (each.parts != null && each.takeBack())) {
        each.parts = null;
        unsent.add(each);
      } else if (!each.isOver() && each.fail(lost(status, trailers))) {
        told.add(each);
      }
    }
    for (StreamedAttempt each : Lists.reverse(unsent)) {
      if (!usable || closing) {
        if (each.giveUpUnsent()) {
          told.add(each);
        }
      } else {
        each.problemsBefore = trouble.failures();
        waitAgain(each);
      }
    }
  }

  private static ClutchException lost(Status status, @Nullable Metadata trailers) {
    String why =
        status.isOk()
            ? "the worker ended the call stream without an answer"
            : String.valueOf(
                ErrorStatus.fromStatus(status, trailers, Started.UNKNOWN).getMessage());
    return ClutchException.builder(Reason.UNAVAILABLE, Started.UNKNOWN, why).build();
  }

  /** A stream could not be opened: it had no connection, or the worker did not want it. */
  private void notOpened(CallStream stream, ClutchException why) {
    Duration pause = pause();
    boolean isFinal = isFinal(why.reason());
    boolean again = false;
    boolean pauseForPlace = false;
    List<StreamedAttempt> told = new ArrayList<>();
    synchronized (lock) {
      trouble.failed(why);
      if (isFinal && live.isEmpty()) {
        for (StreamedAttempt each : line.copy()) {
          line.remove(each);
          if (each.failUnsent(why)) {
            told.add(each);
          }
        }
        var unused = noteWaiting();
        trouble.refused(stream.place(), pause);
      } else {
        pauseForPlace = true;
      }
      if (opening == stream) {
        opening = null;
        if (closing) {
          told.addAll(emptyLine());
        } else if (!line.isEmpty() || !live.isEmpty()) {
          again = true;
          pausing = true;
        }
      }
      wakeCloser();
    }
    callers.execute(told);
    if (pauseForPlace) {
      leave(stream, pause);
    }
    if (why.reason() == Reason.UNAVAILABLE) {
      host.reconnectSoon();
    }
    if (again && !host.schedule(this::openAgain, pause)) {
      openAgain();
    }
  }

  private static boolean isFinal(Reason reason) {
    return switch (reason) {
      case UNAUTHENTICATED, PERMISSION_DENIED, INTERNAL, BAD_ARGUMENTS, MESSAGE_TOO_LARGE -> true;
      default -> false;
    };
  }

  private void openAgain() {
    List<StreamedAttempt> unsent = ImmutableList.of();
    synchronized (lock) {
      pausing = false;
      if (closing) {
        unsent = emptyLine();
        wakeCloser();
      }
    }
    callers.execute(unsent);
    open();
  }

  /** Whether no worker wants this client's streams, as far as was seen a moment ago. */
  @GuardedBy("lock")
  private boolean isRefused() {
    return live.isEmpty() && trouble.isRefused();
  }

  // Deadlines.

  private @Nullable Long expire(long now) {
    DeadlineSweep sweep = new DeadlineSweep(now);
    List<Given> given = new ArrayList<>();
    boolean news;
    synchronized (lock) {
      for (StreamedAttempt each : sweep.look(line)) {
        waitedInVain(each);
      }
      all.forEach(sweep::look);
      serveAll(given);
      news = noteWaiting();
      wakeCloser();
    }
    sweep.tell(callers);
    sendGiven(given, news);
    return sweep.next();
  }

  /** Its deadline passed in the line: what it waited for is what the error tells. */
  @GuardedBy("lock")
  private void waitedInVain(StreamedAttempt attempt) {
    ClutchException why = trouble.latest();
    String obstacle = opening == null ? null : opening.obstacle();
    if (!live.isEmpty()) {
      why = null;
      obstacle =
          "waited for a free process, of which there are %d, all busy".formatted(live.all().size());
    } else if (obstacle == null && why == null) {
      obstacle = "waited for a worker";
    }
    if (obstacle != null) {
      attempt.madeTrail().waitsFor(obstacle);
    }
    attempt.problems = trouble.failures() - attempt.problemsBefore;
    attempt.stoppedFor(why == null ? DeadlineSweep.late(Started.NO) : why, Started.NO);
  }

  // The end.

  /**
   * Waits until no call is under way or in the line, or for {@code grace}; then gives up those in
   * the line and ends the streams, which are over when their calls are.
   */
  public void close(Duration grace) throws InterruptedException {
    long end = System.nanoTime() + grace.toNanos();
    List<StreamedAttempt> unsent;
    List<CallStream> left;
    synchronized (lock) {
      closing = true;
      unsent = live.isEmpty() && opening == null ? emptyLine() : ImmutableList.of();
    }
    callers.execute(unsent);
    try {
      synchronized (lock) {
        long nanos = end - System.nanoTime();
        while (!isQuiet() && nanos > 0) {
          TimeUnit.NANOSECONDS.timedWait(lock, nanos);
          nanos = end - System.nanoTime();
        }
      }
    } finally {
      synchronized (lock) {
        unsent = emptyLine();
        left = List.copyOf(all);
        left.forEach(this::retire);
        usable = false;
      }
      expiry.close();
      callers.execute(unsent);
      left.forEach(CallStream::finish);
    }
  }

  @GuardedBy("lock")
  private boolean isQuiet() {
    if (!line.isEmpty()) {
      return false;
    }
    for (CallStream stream : all) {
      for (StreamedAttempt each = stream.underWay.first(); each != null; each = each.next) {
        if (!each.isOver()) {
          return false;
        }
      }
    }
    return true;
  }
}
