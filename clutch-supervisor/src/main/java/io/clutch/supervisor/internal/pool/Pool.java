package io.clutch.supervisor.internal.pool;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All facts about the pool. Owned by the thread that asks the {@link Planner} what to do about
 * them, and tells this what was done and what happened.
 */
public final class Pool {

  /** What the pool is to do. */
  public enum Goal {
    SERVE,
    /** Drain one child after another, then exit. */
    LEAVE_SLOWLY,
    /** Drain all children, then exit. */
    LEAVE,
    /** Kill all children, then exit. */
    LEAVE_NOW
  }

  private final PoolSettings settings;
  private final Random random;
  private final List<Child> children = new ArrayList<>();
  private final Map<Integer, Slot> slots = new HashMap<>();

  /** Whether connections are accepted. */
  enum Door {
    OPEN,
    /** No more, but some may have been accepted and not dealt out. */
    CLOSING,
    CLOSED
  }

  private Goal goal = Goal.SERVE;
  private Door door = Door.OPEN;
  private String goalReason = "";
  private int size;

  /** Rolling restarts begun so far. A child that is older than the last one is to be replaced. */
  private int era;

  private boolean restarting;
  private @Nullable String restartFailure;

  private boolean everReady;
  private boolean announced;

  /** Slots whose first child was ready, or has failed. */
  private final Set<Integer> begun = new HashSet<>();

  private @Nullable String firstFailure;
  private Instant lastSpawn = Instant.MIN;
  private Instant lastCollected = Instant.MIN;

  /** How long children take to become ready, the last ones weighing more. */
  private Duration bootTime = Duration.ZERO;

  /**
   * @param random for the jitter of limits
   */
  public Pool(PoolSettings settings, Random random) {
    this.settings = settings;
    this.random = random;
    this.size = settings.maxWorkers();
  }

  // What is so.

  /** How it is kept. */
  public PoolSettings settings() {
    return settings;
  }

  /** All that live, by slot and generation. */
  public ImmutableList<Child> children() {
    return ImmutableList.sortedCopyOf(
        Comparator.comparingInt(Child::slot).thenComparingLong(Child::generation), children);
  }

  Door door() {
    return door;
  }

  /** How many children it is to have. */
  public int size() {
    return size;
  }

  /** What it is to do. */
  public Goal goal() {
    return goal;
  }

  String goalReason() {
    return goalReason;
  }

  /** Whether a rolling restart is under way. */
  public boolean isRestarting() {
    return restarting;
  }

  /** Whether the first children are ready, as far as they ever will be. */
  public boolean isAnnounced() {
    return announced;
  }

  /** How many children are older than the last restart, and to be replaced. */
  public int oldChildren() {
    return (int) children.stream().filter(this::isOld).count();
  }

  /** How many are ready. */
  public int readyChildren() {
    return (int) children.stream().filter(child -> child.is(Child.State.READY)).count();
  }

  /** How many of its slots have a child that is ready. */
  public int servingChildren() {
    return Math.min(readyChildren(), size);
  }

  boolean isOld(Child child) {
    return child.era() < era;
  }

  List<Child> living() {
    return children;
  }

  Slot slot(int number) {
    return slots.computeIfAbsent(number, unused -> new Slot());
  }

  boolean everReady() {
    return everReady;
  }

  boolean allBegun() {
    return begun.stream().filter(slot -> slot <= size).count() == size;
  }

  @Nullable String firstFailure() {
    return firstFailure;
  }

  @Nullable String restartFailure() {
    return restartFailure;
  }

  Instant lastSpawn() {
    return lastSpawn;
  }

  Instant lastCollected() {
    return lastCollected;
  }

  Duration bootTime() {
    return bootTime;
  }

  // What someone wants.

  /** Replace all children, one after another. What was under way begins anew. */
  public void restart() {
    era++;
    restarting = true;
    restartFailure = null;
  }

  /**
   * Have another number of children.
   *
   * @throws IllegalArgumentException where that is not possible
   */
  public void resize(int newSize) {
    size = PoolSettings.checkWorkers(newSize);
  }

  /** Come to an end. A more urgent goal stays. */
  public void leave(Goal newGoal, String why) {
    if (newGoal.compareTo(goal) > 0) {
      goal = newGoal;
      goalReason = why;
    }
  }

  // What happened.

  /** A child says that it serves. */
  public void ready(Child child, Duration ownGracefulTimeout, Instant now) {
    child.ready(ownGracefulTimeout, now);
    everReady = true;
    begun.add(child.slot());
    Duration took = Duration.between(child.spawnedAt(), now);
    bootTime = bootTime.isZero() ? took : bootTime.plus(took.minus(bootTime).dividedBy(4));
  }

  /**
   * A child's process is gone, or could not be started.
   *
   * @param how what is known of its end, for people
   */
  public void exited(Child child, String how, Instant now) {
    children.remove(child);
    children.forEach(other -> other.gone(child));
    Slot slot = slot(child.slot());
    Instant readyAt = child.readyAt();
    if (readyAt != null && !now.isBefore(readyAt.plus(Slot.EARLY))) {
      slot.served();
    }
    if (child.endsAsAsked()) {
      slot.ended();
    } else if (readyAt == null) {
      begun.add(child.slot());
      failedToStart(child, how);
      slot.diedEarly(settings.errRespawnInterval(), now);
    } else if (now.isBefore(readyAt.plus(Slot.EARLY))) {
      slot.diedEarly(settings.errRespawnInterval(), now);
    } else {
      slot.died(settings.errRespawnInterval(), now);
    }
  }

  private void failedToStart(Child child, String how) {
    if (firstFailure == null) {
      firstFailure = how;
    }
    if (restarting && !isOld(child) && restartFailure == null) {
      restartFailure = how;
    }
  }

  /** All connections that were accepted before {@link Action.CloseDoor} are dealt out. */
  public void doorClosed() {
    door = Door.CLOSED;
  }

  // What was done.

  /** Notes an action as done; for a spawn, gives the new child. */
  public @Nullable Child done(Action action, Instant now) {
    if (action instanceof Action.Spawn spawn) {
      return spawned(spawn, now);
    } else if (action instanceof Action.Drain drain) {
      drained(drain, now);
    } else if (action instanceof Action.Kill kill) {
      kill.child().killed();
    } else if (action instanceof Action.DumpThreads dump) {
      dump.child().threadsDumped(now);
    } else if (action instanceof Action.CloseDoor) {
      door = Door.CLOSING;
    } else if (action instanceof Action.AnnounceReady) {
      announced = true;
    } else if (action instanceof Action.EndRestart) {
      restarting = false;
    }
    return null;
  }

  private void drained(Action.Drain drain, Instant now) {
    Child child = drain.child();
    child.drained(drain.atMost(), drain.planned(), now);
    if (child.readyAt() != null) {
      lastCollected = now;
    }
    if (!drain.planned()) {
      slot(child.slot()).leaves(settings.errRespawnInterval(), now);
    }
  }

  private Child spawned(Action.Spawn spawn, Instant now) {
    lastSpawn = now;
    Child child =
        new Child(
            spawn.slot(),
            slot(spawn.slot()).nextGeneration(),
            era,
            requestLimit(),
            spawn.replaced(),
            settings.gracefulTimeout(),
            now);
    children.add(child);
    return child;
  }

  private long requestLimit() {
    long jitter = settings.maxRequestsJitter();
    return jitter == 0
        ? settings.maxRequests()
        : settings.maxRequests() - random.nextLong(jitter + 1);
  }
}
