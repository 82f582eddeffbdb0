package io.clutch.supervisor.internal.pool;

import static com.google.common.base.Preconditions.checkState;
import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the supervisor knows of one process. Owned by the pool's thread.
 *
 * <p>{@code STARTING → READY → DRAINING}, from each of them {@code → KILLED}; when its process is
 * gone, so is this. Being drained before it is ready is legal.
 */
public final class Child {

  /** Where it is in its life. */
  public enum State {
    /** Its process runs, but it has not said that it is ready. */
    STARTING,
    READY,
    /** It gets no connections any more, and finishes its calls. */
    DRAINING,
    /** It was sent KILL. */
    KILLED
  }

  private final int slot;
  private final long generation;
  private final int era;
  private final long maxRequests;
  private final Instant spawnedAt;

  private @Nullable Child replaced;
  private State state = State.STARTING;
  private @Nullable Instant readyAt;
  private @Nullable Instant drainingUntil;
  private boolean endsAsAsked;

  private @Nullable Instant heardAt;
  private @Nullable Instant threadsDumpedAt;
  private @Nullable Leaving leaving;
  private Duration gracefulTimeout;

  private int inFlight;
  private long handled;
  private double callsPerSecond;
  private long residentBytes;

  Child(
      int slot,
      long generation,
      int era,
      long maxRequests,
      @Nullable Child replaced,
      Duration gracefulTimeout,
      Instant now) {
    this.slot = slot;
    this.generation = generation;
    this.era = era;
    this.maxRequests = maxRequests;
    this.replaced = replaced;
    this.gracefulTimeout = gracefulTimeout;
    this.spawnedAt = now;
  }

  /** Its place in the pool, from 1. */
  public int slot() {
    return slot;
  }

  /** How many times the slot has been filled. */
  public long generation() {
    return generation;
  }

  /** How many rolling restarts had begun when it was spawned. */
  int era() {
    return era;
  }

  /** How many calls it may start; 0 is without limit. */
  public long maxRequests() {
    return maxRequests;
  }

  /** Whom it is to take the place of; null where that one has gone, or the slot was empty. */
  public @Nullable Child replaced() {
    return replaced;
  }

  /** See {@link State}. */
  public State state() {
    return state;
  }

  /** When its process was started. */
  public Instant spawnedAt() {
    return spawnedAt;
  }

  /** When it became ready; null before. */
  public @Nullable Instant readyAt() {
    return readyAt;
  }

  /** Calls that run or wait, when it was last heard of. */
  public int inFlight() {
    return inFlight;
  }

  /** Calls that were started, when it was last heard of. */
  public long handled() {
    return handled;
  }

  /** Resident memory, when it was last looked at. */
  public long residentBytes() {
    return residentBytes;
  }

  /** How long its drain may take. */
  public Duration gracefulTimeout() {
    return gracefulTimeout;
  }

  /** Whether its end, should it come now, is what it was asked for. */
  public boolean endsAsAsked() {
    return endsAsAsked;
  }

  boolean is(State state) {
    return this.state == state;
  }

  /** Whether it serves, or is about to. */
  boolean isComingOrServing() {
    return state == State.STARTING || state == State.READY;
  }

  Instant drainingUntil() {
    return requireNonNull(drainingUntil);
  }

  /** When it last gave a sign of life; null where it never did. */
  @Nullable Instant heardAt() {
    return heardAt;
  }

  @Nullable Instant threadsDumpedAt() {
    return threadsDumpedAt;
  }

  @Nullable Leaving leaving() {
    return leaving;
  }

  double callsPerSecond() {
    return callsPerSecond;
  }

  // What comes from the child.

  /** It gave a sign of life. */
  public void heard(Instant now) {
    heardAt = now;
    threadsDumpedAt = null;
  }

  /** It serves, which is a sign of life. */
  public void ready(Duration ownGracefulTimeout, Instant now) {
    checkState(state == State.STARTING, "%s is %s", this, state);
    state = State.READY;
    readyAt = now;
    heard(now);
    gracefulTimeout = ownGracefulTimeout;
  }

  /** Its counters; the rate is over the time since it was ready, the last seconds weighing more. */
  public void counted(int nowInFlight, long nowHandled, Duration sinceLast) {
    double seconds = Math.max(1e-3, sinceLast.toNanos() / 1e9);
    double rate = Math.max(0, nowHandled - handled) / seconds;
    double weight = 1 - Math.exp(-seconds / 3);
    callsPerSecond = handled == 0 ? rate : callsPerSecond + weight * (rate - callsPerSecond);
    inFlight = nowInFlight;
    handled = Math.max(handled, nowHandled);
  }

  /** How much memory it was seen to hold. */
  public void measured(long bytes) {
    residentBytes = bytes;
  }

  /** It has to go. The first reason counts. */
  public void leaves(Leaving why) {
    if (leaving == null) {
      leaving = why;
    }
  }

  /** Another one has gone. */
  void gone(Child other) {
    if (replaced == other) {
      replaced = null;
    }
  }

  // What is done to the child.

  void drained(Duration atMost, boolean asAsked, Instant now) {
    state = State.DRAINING;
    drainingUntil = now.plus(atMost);
    endsAsAsked = asAsked;
  }

  void killed() {
    state = State.KILLED;
  }

  void threadsDumped(Instant now) {
    threadsDumpedAt = now;
  }

  @Override
  public String toString() {
    return "child %d (generation %d)".formatted(slot, generation);
  }
}
