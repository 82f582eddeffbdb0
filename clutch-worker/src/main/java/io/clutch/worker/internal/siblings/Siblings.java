package io.clutch.worker.internal.siblings;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The siblings of this process, and the calls that they run for it. While calls wait here, every
 * sibling is told so; one that has a free place promises it, and gets the call that has waited
 * longest. Nothing is said, and no connection made, as long as nothing has waited.
 *
 * <p>Its state belongs to one thread, which is also that of all connections to siblings. Its
 * methods are for any thread.
 */
public final class Siblings {

  static final Logger log = LoggerFactory.getLogger(Siblings.class);

  /** After a sibling was lost, or could not be reached, it is left alone for so long. */
  private static final Duration RETRY = Duration.ofSeconds(1);

  private final EventLoop thread;
  private final WaitingCalls waiting;
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private volatile boolean any;

  // Owned by the thread.

  /** By their sockets; whose turn it is comes first. The stream is null where there is none yet. */
  private final Map<String, @Nullable SiblingStream> all = new LinkedHashMap<>();

  /** Those that are to be left alone for a moment. */
  private final Set<String> resting = new LinkedHashSet<>();

  private boolean closed;

  /** Whether siblings may believe that calls wait. Written by the thread. */
  private volatile boolean announced;

  /**
   * @param thread on which all of it is done
   * @param waiting what may be handed over
   */
  public Siblings(EventLoop thread, WaitingCalls waiting) {
    this.thread = thread;
    this.waiting = waiting;
  }

  /** Other siblings serve than before. */
  public void update(Collection<String> sockets) {
    Set<String> now = new LinkedHashSet<>(sockets);
    run(
        () -> {
          for (Iterator<Map.Entry<String, @Nullable SiblingStream>> old = all.entrySet().iterator();
              old.hasNext(); ) {
            Map.Entry<String, @Nullable SiblingStream> sibling = old.next();
            if (!now.contains(sibling.getKey())) {
              SiblingStream stream = sibling.getValue();
              old.remove();
              if (stream != null) {
                stream.finish();
              }
            }
          }
          now.forEach(socket -> all.putIfAbsent(socket, null));
          any = !all.isEmpty();
          look();
        });
  }

  /** Whether there are any. */
  public boolean exist() {
    return any;
  }

  /** Whether siblings may believe that calls wait: then {@link #changed} is to be called soon. */
  public boolean isAnnounced() {
    return announced;
  }

  /**
   * More wait than before, or none do.
   *
   * @param worthwhile how many, of those that are worth handing over
   */
  public void changed(int worthwhile) {
    if (worthwhile <= 0 && !announced) {
      return;
    }
    if (thread.inEventLoop()) {
      look();
    } else if (scheduled.compareAndSet(false, true)) {
      run(
          () -> {
            scheduled.set(false);
            look();
          });
    }
  }

  /** Hands nothing over any more; what siblings still run is lost. */
  public void close() {
    run(
        () -> {
          closed = true;
          new ArrayList<>(all.values())
              .forEach(
                  stream -> {
                    if (stream != null) {
                      stream.cancel("this process ends");
                    }
                  });
          all.clear();
        });
  }

  /** Runs it on the thread: at once where this is that. */
  void run(Runnable task) {
    if (thread.inEventLoop()) {
      task.run();
      return;
    }
    try {
      thread.execute(task);
    } catch (RejectedExecutionException e) {
      log.debug("the network's threads have ended", e);
    }
  }

  // On the thread.

  int waiting() {
    return closed ? 0 : waiting.count();
  }

  /** Says how many calls wait, now that a message is written to a sibling. */
  int announce() {
    int now = waiting();
    if (now > 0) {
      announced = true;
    }
    return now;
  }

  /** Hands over what can be, and tells siblings whether more waits. */
  void look() {
    int left = waiting();
    if (closed || (left == 0 && !announced)) {
      return;
    }
    while (left > 0) {
      SiblingStream idle = idle();
      if (idle == null) {
        break;
      }
      HandedCall call = waiting.take();
      if (call != null) {
        idle.give(call);
      }
      left = call == null ? 0 : waiting();
    }
    announced = left > 0;
    for (Map.Entry<String, @Nullable SiblingStream> sibling : all.entrySet()) {
      SiblingStream stream = sibling.getValue();
      if (stream == null && left > 0 && !resting.contains(sibling.getKey())) {
        stream = open(sibling.getKey());
        sibling.setValue(stream);
      }
      if (stream != null) {
        stream.tellWaiting(left);
      }
    }
  }

  private @Nullable SiblingStream open(String socket) {
    SiblingStream stream = SiblingStream.open(this, socket, thread);
    if (stream == null || stream.isOver()) {
      // It may be known at once.
      rest(socket);
      return null;
    }
    return stream;
  }

  /** The one with the most free places, the others first next time; null where none has any. */
  private @Nullable SiblingStream idle() {
    SiblingStream most = null;
    for (SiblingStream stream : all.values()) {
      if (stream != null && stream.free() > (most == null ? 0 : most.free())) {
        most = stream;
      }
    }
    if (most != null) {
      all.remove(most.socket());
      all.put(most.socket(), most);
    }
    return most;
  }

  /** A stream is over. */
  void ended(SiblingStream stream) {
    if (all.get(stream.socket()) == stream) {
      all.put(stream.socket(), null);
      rest(stream.socket());
    }
  }

  private void rest(String socket) {
    resting.add(socket);
    try {
      var unused =
          thread.schedule(
              () -> {
                resting.remove(socket);
                look();
              },
              RETRY.toNanos(),
              TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      log.debug("the network's threads have ended", e);
    }
  }
}
