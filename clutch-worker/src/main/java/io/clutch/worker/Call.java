package io.clutch.worker;

import com.google.common.collect.ImmutableMap;
import com.google.common.reflect.TypeToken;
import io.clutch.security.Identity;
import io.grpc.Context;
import java.net.SocketAddress;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The call that a function answers. Thread-safe, but for {@link #cascade}. */
public interface Call {

  /**
   * The call whose function runs on this thread; inside a {@linkplain #cascade cascade}, the inner
   * one. It is known by gRPC's {@link Context}, so also where that is {@linkplain Context#wrap
   * taken along} to another thread.
   *
   * @throws IllegalStateException where no function runs
   */
  static Call current() {
    return CurrentCall.get();
  }

  /** The function's name. */
  String function();

  /** The call's id, for logs: the caller's own where it gave one. A cascade has its caller's. */
  String id();

  /** Whether nobody waits for the result. */
  boolean isBackground();

  /**
   * The id of the durable background call that this is an attempt at: the same for all attempts, so
   * that what must not be done twice can be known by it. Empty for other calls.
   */
  Optional<String> jobId();

  /** Which attempt at a durable background call this is, from 1; 1 for other calls. */
  int attempt();

  /**
   * When the time for this run ends: the caller's deadline or the worker's {@code timeout},
   * whichever is earlier; empty where there is neither. At that time {@link #isCancelled} turns
   * true and the thread is interrupted.
   */
  Optional<Instant> deadline();

  /**
   * Whether the caller has gone, or the time has run out: what is still to be done is of no use.
   * The thread that runs the function is interrupted, too.
   */
  boolean isCancelled();

  /** Where the caller is; empty where that is not known. */
  Optional<SocketAddress> peer();

  /**
   * Who the caller is, as far as the worker asked for a proof: by its token or its certificate.
   * Anonymous where it did not ask.
   */
  Identity identity();

  /**
   * The headers that the caller sent, by lower-case name; without {@code authorization} where the
   * worker has tokens. Functions that are reached by {@link #cascade} see the same; calls by a
   * client have headers of their own.
   */
  ImmutableMap<String, String> headers();

  /**
   * Tells the caller how far the function has come, where he wants to know it and his call came
   * over a call stream; else does nothing. Costs little: what is told faster than the network takes
   * it is left out, but for the latest. A cascade tells of the whole call.
   *
   * @param done of {@code total}, in any unit; not negative
   * @param total 0 where that is not known; not negative
   * @param note for people; may be empty
   */
  void progress(long done, long total, String note);

  /** {@link #progress(long, long, String)} without a note. */
  default void progress(long done, long total) {
    progress(done, total, "");
  }

  /**
   * Runs another function of this worker: in this process, on this thread, within this call's time,
   * without waiting in the queue. Its argument and result are converted as those of any call.
   *
   * @param type the type of the result; {@code Void.class} to pass over it
   * @return its result; null where that is no value
   * @throws io.clutch.protocol.ClutchException what a call would end with; CASCADE_TOO_DEEP where
   *     functions have called each other 64 times already
   */
  <T> @Nullable T cascade(String function, @Nullable Object argument, Class<T> type);

  /** {@link #cascade(String, Object, Class)} with a generic type. */
  <T> @Nullable T cascade(String function, @Nullable Object argument, TypeToken<T> type);
}
