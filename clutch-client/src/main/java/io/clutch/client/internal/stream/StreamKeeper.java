package io.clutch.client.internal.stream;

import com.google.common.collect.ImmutableList;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.ErrorStatus;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.grpc.Metadata;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has one stream always wait for a connection: opens the next one when one got it, and again, after
 * a pause, when one failed. Ends all of them where calls can't go over streams. Thread-safe.
 */
final class StreamKeeper {

  private static final Logger log = LoggerFactory.getLogger(StreamPool.class);

  /** A stream that ends so soon is a failure. */
  private static final Duration SHORT_LIFE = Duration.ofSeconds(1);

  /** What a worker may take to end a stream that was ended here. */
  private static final Duration END_PATIENCE = Duration.ofSeconds(5);

  private final StreamPool.Host host;
  private final CallerThreads callers;
  private final Supplier<CallStream> newStream;
  private final CallSpread spread;

  @GuardedBy("spread")
  private final Opening opening;

  StreamKeeper(
      StreamPool.Host host,
      CallerThreads callers,
      Supplier<CallStream> newStream,
      CallSpread spread,
      Opening opening) {
    this.host = host;
    this.callers = callers;
    this.newStream = newStream;
    this.spread = spread;
    this.opening = opening;
  }

  // One waits.

  /** Opens one, where none is to come and one is wanted. */
  void open() {
    CallStream stream;
    synchronized (spread) {
      if (!opening.isIdle() || spread.isClosing() || !spread.isUsable()) {
        return;
      }
      stream = newStream.get();
      opening.begin(stream);
      spread.opens(stream);
    }
    stream.open();
    boolean isTooLate;
    synchronized (spread) {
      isTooLate = stream.closing;
    }
    if (isTooLate) {
      stream.cancel("not needed any more");
    }
  }

  /** It has got a connection: the next one waits. */
  void placed(CallStream stream) {
    synchronized (spread) {
      if (!opening.end(stream)) {
        return;
      }
    }
    // Not within gRPC, which is about to begin this one.
    callers.execute(this::open);
  }

  private void openAgain() {
    List<StreamedAttempt> unsent = ImmutableList.of();
    synchronized (spread) {
      opening.resume();
      if (spread.isClosing()) {
        unsent = spread.emptyLine();
        spread.wakeCloser();
      }
    }
    callers.execute(unsent);
    open();
  }

  // One has ended.

  /**
   * Its RPC has ended, and what was under way was seen to.
   *
   * @param wasWanted whether the worker had taken it, or it was ended here
   */
  void ended(CallStream stream, boolean wasWanted, Status status, @Nullable Metadata trailers) {
    if (wasWanted) {
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

  /** It had no connection, or the worker did not want it. */
  private void notOpened(CallStream stream, ClutchException why) {
    Duration pause = pause();
    boolean again = false;
    boolean isFinal;
    List<StreamedAttempt> failed = ImmutableList.of();
    List<StreamedAttempt> unsent = ImmutableList.of();
    synchronized (spread) {
      opening.failed(why);
      isFinal = isFinal(why.reason()) && spread.live().isEmpty();
      if (isFinal) {
        failed = spread.failLine(why);
        opening.refused(stream.place(), pause);
      }
      if (opening.end(stream)) {
        if (spread.isClosing()) {
          unsent = spread.emptyLine();
        } else if (!spread.isLineEmpty() || !spread.live().isEmpty()) {
          again = true;
          opening.pause();
        }
      }
      spread.wakeCloser();
    }
    callers.execute(failed);
    callers.execute(unsent);
    if (!isFinal) {
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

  private void lasted() {
    synchronized (spread) {
      opening.lasted();
    }
  }

  private Duration pause() {
    int failures;
    synchronized (spread) {
      failures = opening.countSuccession();
    }
    return host.pauseAfter(failures);
  }

  /** Another stream may take its place then. Connections know the system's time only. */
  private void leave(CallStream stream, Duration pause) {
    if (pause.isZero()) {
      stream.place().leave();
    } else {
      later(stream.place()::leave, pause);
    }
  }

  // They are to end.

  /** It was ended here: the worker has some time to end it, too. */
  void cancelSoon(CallStream stream) {
    later(() -> stream.cancel("ended before"), END_PATIENCE);
  }

  private void later(Runnable task, Duration delay) {
    var unused =
        CompletableFuture.runAsync(
            task,
            CompletableFuture.delayedExecutor(delay.toMillis(), TimeUnit.MILLISECONDS, callers));
  }

  /** Another policy than ours has given it a connection: it gives some process all calls. */
  void unplaced(CallStream stream) {
    goUnary("its balance policy is another one");
    stream.cancel("no place for streams");
  }

  private void goUnary(String why) {
    if (spread.isUsable() && endAll()) {
      log.debug("calls go without call streams: {}", why);
    }
  }

  /**
   * Calls go over streams no more: gives up those in the line, and ends the streams, which are over
   * when their calls are.
   *
   * @return false where that was so before
   */
  boolean endAll() {
    boolean isFirst;
    List<StreamedAttempt> unsent;
    List<CallStream> streams;
    synchronized (spread) {
      isFirst = spread.isUsable();
      spread.end();
      unsent = spread.emptyLine();
      streams = spread.retireAll();
      opening.giveUp();
      spread.wakeCloser();
    }
    callers.execute(unsent);
    streams.forEach(CallStream::finish);
    return isFirst;
  }
}
