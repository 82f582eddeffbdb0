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
import java.util.List;
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
 * <p>It hears callers and streams, has the {@link CallSpread} decide where calls go, and tells what
 * has come of that; the {@link StreamKeeper} opens streams. One lock, the spread's, guards where
 * each call is. It is held for moments, and nothing is called under it. Thread-safe.
 */
public final class StreamPool {

  private static final Logger log = LoggerFactory.getLogger(StreamPool.class);

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
  private final Expiry expiry;
  private final CallSpread spread;
  private final StreamKeeper keeper;

  @GuardedBy("spread")
  private final Opening opening = new Opening();

  /**
   * @param callers run what becomes of calls
   * @param maxMessageSize of a result
   */
  public StreamPool(Host host, CallerThreads callers, int maxMessageSize) {
    this.host = host;
    this.callers = callers;
    this.expiry = new Expiry(host.time(), this::expire);
    this.spread = new CallSpread(host.time(), opening);
    this.keeper =
        new StreamKeeper(
            host,
            callers,
            () -> new CallStream(this, maxMessageSize, System.nanoTime()),
            spread,
            opening);
  }

  /** Whether calls can go over streams. Once they can't, they never can again. */
  public boolean isUsable() {
    return spread.isUsable();
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
    return spread.waiting();
  }

  boolean isIdle(CallStream stream) {
    synchronized (spread) {
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
    synchronized (spread) {
      if (attempt.isOver()) {
        return;
      }
      to = spread.give(attempt);
      if (to == null && !spread.mayWait()) {
        over = attempt.giveUpUnsent();
      } else if (to == null && isRefused()) {
        over = attempt.failUnsent(opening.refusal());
      } else if (to == null) {
        tryAgain = opening.takeRefused();
        spread.addLast(attempt);
        news = spread.noteWaiting();
        open = opening.isIdle();
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
      keeper.open();
    }
    tryAgain.forEach(StreamPlace::leave);
    expiry.watch(attempt.expiresAt());
  }

  /** Whether no worker wants this client's streams, as far as was seen a moment ago. */
  @GuardedBy("spread")
  private boolean isRefused() {
    return spread.live().isEmpty() && opening.isRefused();
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
    Changes changes = new Changes();
    boolean waited;
    CallStream on = attempt.stream();
    synchronized (spread) {
      waited = spread.leaveLine(attempt);
      if (!waited && on != null && started == Started.NO && on.release(attempt)) {
        on.roomNews++;
        spread.serve(on, changes);
      }
      spread.settle(changes);
    }
    if (waited) {
      attempt.waited(now() - attempt.waitsSince, reason);
    }
    tell(changes);
    if (on != null) {
      if (started != Started.NO) {
        on.tellCancelled(attempt);
      }
      on.finishIfIdle();
    }
  }

  /** Notes where an attempt was, and where else it could have been. */
  public void note(StreamedAttempt attempt, CallTrail trail) {
    CallStream on = attempt.stream();
    if (on != null) {
      on.place().note(trail, spread.places());
    }
  }

  /** Streams that are open show what the client showed before: others take their places. */
  public void renew() {
    for (CallStream each : spread.live()) {
      retired(each);
      each.place().leave();
    }
  }

  // What is told, not under the lock.

  private void tell(Changes changes) {
    callers.execute(changes.givenUp());
    changes.send(host.time());
    if (changes.isNews()) {
      tellWaiting();
    }
    if (changes.needsStream()) {
      keeper.open();
    }
  }

  private void tellWaiting() {
    spread.live().forEach(CallStream::tellWaiting);
  }

  /** The outcomes of calls: who only waits for one is woken, the others are run elsewhere. */
  private void tell(List<StreamedAttempt> outcomes) {
    if (outcomes.isEmpty()) {
      return;
    }
    List<StreamedAttempt> others = new ArrayList<>(outcomes.size());
    for (StreamedAttempt each : outcomes) {
      if (each.runsHere()) {
        tellHere(each);
      } else {
        others.add(each);
      }
    }
    callers.execute(others);
  }

  private static void tellHere(StreamedAttempt outcome) {
    try {
      outcome.run();
    } catch (Throwable e) {
      // The network's thread has others to tell, too.
      log.error("what was to be done at the end of a call failed", e);
    }
  }

  // What streams say.

  /**
   * A stream has heard something.
   *
   * @param permits below 0 where it was not said
   */
  void heard(CallStream stream, OpenCalls calls, int permits, boolean drains) {
    Changes changes = new Changes();
    boolean joins = false;
    boolean startsDraining;
    boolean isOver;
    List<StreamPlace> tryAgain = ImmutableList.of();
    synchronized (spread) {
      startsDraining = drains && !stream.draining;
      if (startsDraining) {
        stream.draining = true;
        spread.retire(stream);
      }
      for (StreamedAttempt each : calls.ended) {
        var unused = stream.release(each);
        stream.roomNews++;
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
        spread.cameBack(stream, each, calls.told);
      }
      if (joins) {
        spread.join(stream);
        opening.worked();
        tryAgain = opening.takeRefused();
      }
      if (joins || startsDraining || !calls.returned.isEmpty()) {
        spread.serveAll(changes);
      } else {
        spread.serve(stream, changes);
      }
      spread.settle(changes);
      isOver = stream.closing && stream.underWay.isEmpty();
    }
    tell(changes);
    tell(calls.told);
    calls.unwanted.forEach(stream::tellCancelled);
    if (joins && spread.waiting() > 0) {
      stream.tellWaiting();
    }
    if (startsDraining) {
      stream.finish();
    } else if (isOver) {
      stream.finishIfIdle();
    }
    tryAgain.forEach(StreamPlace::leave);
  }

  /** A stream that drains did not write these. */
  void bounced(CallStream from, List<StreamedAttempt> attempts) {
    Changes changes = new Changes();
    List<StreamedAttempt> told = new ArrayList<>();
    synchronized (spread) {
      for (StreamedAttempt each : Lists.reverse(attempts)) {
        if (from.release(each) && !each.isOver()) {
          spread.addFirst(each, told);
        }
      }
      spread.serveAll(changes);
      spread.settle(changes);
    }
    tell(changes);
    tell(told);
    from.finishIfIdle();
  }

  /** Its connection is used no more. */
  void retired(CallStream stream) {
    Changes changes = new Changes();
    synchronized (spread) {
      if (stream.closing) {
        return;
      }
      spread.retire(stream);
      spread.serveAll(changes);
      spread.settle(changes);
    }
    tell(changes);
    stream.finish();
  }

  /** It has got a connection. */
  void placed(CallStream stream) {
    keeper.placed(stream);
  }

  /** Another policy than ours has given it a connection. */
  void unplaced(CallStream stream) {
    keeper.unplaced(stream);
  }

  /** It was ended here, and should end soon. */
  void cancelSoon(CallStream stream) {
    keeper.cancelSoon(stream);
  }

  /** The RPC has ended; on the stream's thread. */
  void ended(CallStream stream, Status status, @Nullable Metadata trailers) {
    Changes changes = new Changes();
    List<StreamedAttempt> told = new ArrayList<>();
    boolean wasWanted;
    synchronized (spread) {
      wasWanted = stream.permits >= 0 || stream.closing;
      spread.ended(stream, () -> lost(status, trailers), told);
      spread.serveAll(changes);
      spread.settle(changes);
    }
    tell(changes);
    tell(told);
    keeper.ended(stream, wasWanted, status, trailers);
  }

  private static ClutchException lost(Status status, @Nullable Metadata trailers) {
    String why =
        status.isOk()
            ? "the worker ended the call stream without an answer"
            : String.valueOf(
                ErrorStatus.fromStatus(status, trailers, Started.UNKNOWN).getMessage());
    return ClutchException.builder(Reason.UNAVAILABLE, Started.UNKNOWN, why).build();
  }

  // Deadlines.

  private @Nullable Long expire(long now) {
    DeadlineSweep sweep = new DeadlineSweep(now);
    Changes changes = new Changes();
    synchronized (spread) {
      spread.sweep(sweep);
      spread.serveAll(changes);
      spread.settle(changes);
    }
    sweep.tell(callers);
    tell(changes);
    return sweep.next();
  }

  // The end.

  /**
   * Waits until no call is under way or in the line, or for {@code grace}; then gives up those in
   * the line and ends the streams, which are over when their calls are.
   */
  public void close(Duration grace) throws InterruptedException {
    long end = System.nanoTime() + grace.toNanos();
    List<StreamedAttempt> unsent;
    synchronized (spread) {
      spread.beginToClose();
      unsent =
          spread.live().isEmpty() && !opening.hasStream() ? spread.emptyLine() : ImmutableList.of();
    }
    callers.execute(unsent);
    try {
      synchronized (spread) {
        long nanos = end - System.nanoTime();
        while (!spread.isQuiet() && nanos > 0) {
          TimeUnit.NANOSECONDS.timedWait(spread, nanos);
          nanos = end - System.nanoTime();
        }
      }
    } finally {
      boolean unused = keeper.endAll();
      expiry.close();
    }
  }
}
