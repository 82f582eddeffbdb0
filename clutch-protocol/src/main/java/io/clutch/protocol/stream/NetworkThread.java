package io.clutch.protocol.stream;

import com.google.common.util.concurrent.MoreExecutors;
import io.netty.util.internal.ThreadExecutorMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The network's thread that a connection belongs to. */
public final class NetworkThread {

  private static final boolean HAS_NETTY = hasNetty();

  private NetworkThread() {}

  /**
   * What runs tasks on the thread that calls this, where that is one of Netty's; else one after
   * another, on {@code fallback}.
   */
  public static Executor currentOr(Executor fallback) {
    Executor current = HAS_NETTY ? Netty.current() : null;
    return current == null ? MoreExecutors.newSequentialExecutor(fallback) : current;
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
  }
}
