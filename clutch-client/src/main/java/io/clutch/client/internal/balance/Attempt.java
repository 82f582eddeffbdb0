package io.clutch.client.internal.balance;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a call: counted on the connection that it takes until it ends. gRPC may give an
 * RPC to a connection after it was cancelled, and then says nothing of its end there: so whoever
 * sees the end of the RPC itself says it. Thread-safe.
 */
public final class Attempt {

  private static final Object ENDED = new Object();

  /** Null, then the connection, then {@link #ENDED}. */
  private final AtomicReference<@Nullable Object> state = new AtomicReference<>();

  Attempt() {}

  /** It is given to a connection. */
  void begin(Connection connection) {
    connection.countOneMore();
    if (!state.compareAndSet(null, connection)) {
      connection.countOneLess();
    }
  }

  /** It has ended, wherever it was; once or more often. */
  public void end() {
    if (state.getAndSet(ENDED) instanceof Connection connection) {
      connection.countOneLess();
    }
  }
}
