package io.clutch.durable.internal.store;

import com.google.common.collect.ImmutableSet;
import io.clutch.v1.Payload;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * One process's part in a store that it may share with others. What writes is for one thread; what
 * only reads, for another one. Everything may fail with a {@link StoreException}.
 */
public interface JobStore extends AutoCloseable {

  /** Once the arguments of pending jobs that are taken have more bytes, no more are at a time. */
  long ENOUGH_BYTES = 16L << 20;

  /** This process. */
  Owner self();

  /** Its marks of what it has started. */
  StartMarks marks();

  /** How many jobs may be taken beyond the places that are free, for each place. */
  int prefetch();

  // Writing.

  /**
   * Writes all of it, or nothing. It survives this process at once, but a power failure only after
   * {@link #sync}; what people do to jobs, and what becomes of those of the dead, at once.
   */
  Written write(Changes changes) throws StoreException;

  /**
   * Returns once what was written before survives a power failure, where {@link #write} has not
   * seen to that already. For any thread.
   */
  default void sync() throws StoreException {}

  /**
   * Cancels a job that has not started, and asks whoever has taken it to stop it.
   *
   * @param forgetAtMillis when it may be forgotten that it was cancelled
   * @return false where there is none
   */
  boolean cancel(String jobId, long nowMillis, long forgetAtMillis) throws StoreException;

  /**
   * Has a job that has ended, but is not done, or waits for its time, run at once, with all its
   * attempts; it does not expire any more.
   *
   * @return empty where there is none
   */
  Optional<Retried> retry(String jobId) throws StoreException;

  /**
   * Makes some of those pending whose time has come, and ends some that did not start in time.
   *
   * @return when the next one's comes, in ms since 1970; at once where there are more now
   */
  long promote(long nowMillis) throws StoreException;

  /**
   * After the clock was set back: nobody waits longer than he was to wait.
   *
   * @return how many would have
   */
  int shortenDelays(long nowMillis) throws StoreException;

  /** Forgets some of those that ended long ago; false where none is left. */
  boolean purge(long nowMillis) throws StoreException;

  /**
   * Tells the other processes of this store that jobs wait, where it has a way to; of the same
   * pool, the supervisor does. Returns at once.
   */
  default void tellJobsWait() {}

  /** A sign of life; false where others have taken this process for dead. */
  boolean beat() throws StoreException;

  /**
   * Frees what a process has taken that lives no more.
   *
   * @param verdict what is to become of a job, and when it was started: null where it was not
   * @return how many jobs it had; empty where it lives, as far as can be known here
   */
  Optional<Integer> bury(Owner dead, BiFunction<TakenJob, @Nullable Long, Change> verdict)
      throws StoreException;

  /** Whether another process lives no more, as far as can be known here. */
  boolean isDead(Owner other) throws StoreException;

  // Reading.

  /** Whether there are jobs to take. */
  boolean hasPending(ImmutableSet<String> functions) throws StoreException;

  /** Those of its own jobs that somebody wants to be stopped. */
  List<Long> stopsAsked() throws StoreException;

  /** All other processes. */
  List<Owner> others() throws StoreException;

  /** A job; empty where there is none. */
  Optional<StoredJob> find(String jobId) throws StoreException;

  /** What is kept of what a job's function gave; empty where nothing is. */
  Optional<Payload> result(String jobId) throws StoreException;

  /**
   * Jobs in the order of the store: of those that wait the next ones first, of those that ended the
   * last ones.
   *
   * @param state TAKEN stands for STARTED too
   * @param function null for all
   */
  List<StoredJob> list(RowState state, @Nullable String function, int limit, long offset)
      throws StoreException;

  /** How many there are; TAKEN and STARTED together as STARTED. */
  Map<RowState, Long> counts() throws StoreException;

  /** The job that has been pending for longest. */
  Optional<StoredJob> oldestPending() throws StoreException;

  /** Takes this process out of the store, where it owns nothing any more, and closes. */
  @Override
  void close();
}
