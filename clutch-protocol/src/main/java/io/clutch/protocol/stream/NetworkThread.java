package io.clutch.protocol.stream;

import com.google.common.util.concurrent.MoreExecutors;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.internal.ThreadExecutorMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The thread that a call stream belongs to: the network's, of its connection. Where the transport
 * has no threads of Netty's, as in one process, tasks run one after another on threads of an
 * executor. Thread-safe.
 */
public final class NetworkThread implements Executor {

  private static final boolean HAS_NETTY = hasNetty();

  private final Executor executor;

  private NetworkThread(Executor executor) {
    this.executor = executor;
  }

  /** The thread that calls this, where that is one of Netty's; else made of {@code fallback}. */
  public static NetworkThread currentOr(Executor fallback) {
    Executor current = HAS_NETTY ? Netty.current() : null;
    return new NetworkThread(
        current == null ? MoreExecutors.newSequentialExecutor(fallback) : current);
  }

  /** Runs it after what was given before. */
  @Override
  public void execute(Runnable task) {
    executor.execute(task);
  }

  /** Runs it at once where this is that thread, else as {@link #execute} does. */
  public void run(Runnable task) {
    if (HAS_NETTY && Netty.isThis(executor)) {
      task.run();
    } else {
      executor.execute(task);
    }
  }

  private static boolean hasNetty() {
    try {
      var unused = Netty.current();
      return true;
    } catch (LinkageError e) {
      // It is optional: a client may have another transport.
      return false;
    }
  }

  /** Loaded only where Netty is there. */
  private static final class Netty {
    static @Nullable Executor current() {
      return ThreadExecutorMap.currentExecutor();
    }

    static boolean isThis(Executor executor) {
      return executor instanceof EventExecutor loop && loop.inEventLoop();
    }
  }
}
