package io.clutch.supervisor.internal.pool;

import io.clutch.supervisor.internal.pool.Child.State;
import io.clutch.supervisor.internal.pool.Pool.Goal;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Decides what to do next: a pure function of the pool and the time. One thing at a time; whoever
 * asks does it, tells the pool, and asks again until there is nothing left to do.
 */
public final class Planner {

  /** The exit code where the pool was told to leave at once: as a process that TERM ended. */
  public static final int EXIT_AT_ONCE = 143;

  /** The exit code where no child ever became ready. */
  public static final int EXIT_NEVER_READY = 1;

  /** How long a child has to say in its output what its threads do, before it is killed. */
  static final Duration DUMP_TIME = Duration.ofSeconds(1);

  /** How much longer than its drain a child may live: to tell callers that it gives up. */
  static final Duration LAST_WORDS = Duration.ofSeconds(2);

  private final Pool pool;
  private final PoolSettings settings;
  private final Instant now;

  /** The earliest time at which something will be due. */
  private @Nullable Instant wakeUp;

  private Planner(Pool pool, Instant now) {
    this.pool = pool;
    this.settings = pool.settings();
    this.now = now;
  }

  /**
   * What comes next.
   *
   * @param action what to do now; null where there is nothing
   * @param wakeUp when to ask again though nothing happened; null where only an event can change
   *     anything
   */
  public record Step(@Nullable Action action, @Nullable Instant wakeUp) {}

  /** Decides. */
  public static Step next(Pool pool, Instant now) {
    Planner planner = new Planner(pool, now);
    @Nullable Action action = planner.action();
    return new Step(action, planner.wakeUp);
  }

  private @Nullable Action action() {
    return Stream.<Supplier<@Nullable Action>>of(
            this::timeOut,
            this::leave,
            this::giveUp,
            this::dismiss,
            this::shrink,
            this::relieve,
            this::announce,
            this::endRestart,
            this::fill,
            this::replace)
        .map(Supplier::get)
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  /** Whose time has run out: to become ready, to give a sign of life, to finish its calls. */
  private @Nullable Action timeOut() {
    for (Child child : pool.living()) {
      Action action =
          switch (child.state()) {
            case STARTING -> startTooLong(child);
            case READY -> silentTooLong(child);
            case DRAINING -> drainsTooLong(child);
            case KILLED -> null;
          };
      if (action != null) {
        return action;
      }
    }
    return null;
  }

  private @Nullable Action startTooLong(Child child) {
    return due(child.spawnedAt().plus(settings.bootTimeout()))
        ? new Action.Kill(child, "it was not ready within " + settings.bootTimeout())
        : null;
  }

  private @Nullable Action silentTooLong(Child child) {
    Instant heardAt = child.heardAt();
    if (heardAt == null || !due(heardAt.plus(settings.heartbeatTimeout()))) {
      return null;
    }
    Instant dumpedAt = child.threadsDumpedAt();
    if (dumpedAt == null) {
      return new Action.DumpThreads(child);
    }
    return due(dumpedAt.plus(DUMP_TIME))
        ? new Action.Kill(child, "it gave no sign of life for " + settings.heartbeatTimeout())
        : null;
  }

  private @Nullable Action drainsTooLong(Child child) {
    return due(child.drainingUntil().plus(LAST_WORDS))
        ? new Action.Kill(child, "it did not finish within its time")
        : null;
  }

  private @Nullable Action leave() {
    if (pool.goal() == Goal.SERVE) {
      return null;
    }
    if (pool.living().isEmpty()) {
      return new Action.Exit(pool.goal() == Goal.LEAVE_NOW ? EXIT_AT_ONCE : 0, pool.goalReason());
    }
    return switch (pool.goal()) {
      case LEAVE_NOW ->
          inOrder()
              .filter(child -> !child.is(State.KILLED))
              .findFirst()
              .map(child -> (Action) new Action.Kill(child, pool.goalReason()))
              .orElse(null);
      case LEAVE ->
          inOrder()
              .filter(Child::isComingOrServing)
              .findFirst()
              .map(child -> behindClosedDoor(drain(child, pool.goalReason())))
              .orElse(null);
      case LEAVE_SLOWLY -> leaveSlowly();
      case SERVE -> null;
    };
  }

  private @Nullable Action leaveSlowly() {
    Child next =
        inOrder()
            .filter(Child::isComingOrServing)
            .min(Comparator.comparing(Child::state))
            .orElse(null);
    if (next == null) {
      return null;
    }
    // Those that never served don't count: nobody notices them leave.
    if (next.is(State.STARTING)) {
      return drain(next, pool.goalReason());
    }
    if (!due(pool.lastCollected(), settings.spawnInterval())) {
      return null;
    }
    Action drain = drain(next, pool.goalReason());
    return pool.readyChildren() == 1 ? behindClosedDoor(drain) : drain;
  }

  /** The last ones leave when all that was accepted is dealt out, to them. */
  private @Nullable Action behindClosedDoor(Action action) {
    return switch (pool.door()) {
      case OPEN -> new Action.CloseDoor();
      case CLOSING -> null;
      case CLOSED -> action;
    };
  }

  /** Nobody ever became ready: better no supervisor than one that starts processes for ever. */
  private @Nullable Action giveUp() {
    String failure = pool.firstFailure();
    return failure != null && !pool.everReady() && pool.living().isEmpty()
        ? new Action.Exit(EXIT_NEVER_READY, failure)
        : null;
  }

  /** Those that have to go, whether there is a replacement or not. */
  private @Nullable Action dismiss() {
    for (Child child : pool.living()) {
      Leaving why = child.leaving();
      if (why != null && child.isComingOrServing()) {
        Duration atMost = why == Leaving.HUNG ? settings.killGrace() : child.gracefulTimeout();
        return new Action.Drain(child, atMost, "it " + why.text(), why.isPlanned());
      }
    }
    return null;
  }

  private @Nullable Action shrink() {
    return inOrder()
        .filter(child -> child.slot() > pool.size() && child.isComingOrServing())
        .findFirst()
        .map(child -> drain(child, "the pool has %d children now".formatted(pool.size())))
        .orElse(null);
  }

  /** Those whose replacement is ready. */
  private @Nullable Action relieve() {
    for (Child child : pool.living()) {
      Child old = child.replaced();
      if (old != null && child.is(State.READY) && old.is(State.READY)) {
        String why = pool.isOld(old) ? null : recycleReason(old);
        return drain(old, why == null ? "its replacement is ready" : why);
      }
    }
    return null;
  }

  private @Nullable Action announce() {
    boolean isReady =
        pool.goal() == Goal.SERVE
            && !pool.isAnnounced()
            && pool.everReady()
            && pool.allBegun()
            && pool.readyChildren() > 0;
    return isReady ? new Action.AnnounceReady() : null;
  }

  private @Nullable Action endRestart() {
    if (!pool.isRestarting()) {
      return null;
    }
    if (pool.goal() != Goal.SERVE) {
      return new Action.EndRestart("the pool stops");
    }
    if (pool.restartFailure() != null) {
      return new Action.EndRestart(pool.restartFailure());
    }
    return pool.oldChildren() == 0 && pool.readyChildren() == pool.size()
        ? new Action.EndRestart(null)
        : null;
  }

  /**
   * Empty slots, at most one process more than the pool has children. Those of slots that the pool
   * has no longer don't count: a pool that shrinks goes on serving.
   */
  private @Nullable Action fill() {
    if (pool.goal() != Goal.SERVE || isFailing() || livingInSlots() > pool.size()) {
      return null;
    }
    for (int slot = 1; slot <= pool.size(); slot++) {
      if (isEmpty(slot)
          && due(pool.slot(slot).notBefore())
          && due(pool.lastSpawn(), settings.spawnInterval())) {
        return new Action.Spawn(slot, null);
      }
    }
    return null;
  }

  /** The first start has failed, and those that are still starting decide whether that is all. */
  private boolean isFailing() {
    return !pool.everReady() && pool.firstFailure() != null;
  }

  /** Children that serve, but are to be replaced: one at a time, when nothing else is going on. */
  private @Nullable Action replace() {
    boolean isCalm = pool.living().size() == pool.size() && pool.readyChildren() == pool.size();
    if (pool.goal() != Goal.SERVE || !isCalm) {
      return null;
    }
    Child child = inOrder().filter(this::isToBeReplaced).findFirst().orElse(null);
    return child != null && due(pool.lastSpawn(), settings.spawnInterval())
        ? new Action.Spawn(child.slot(), child)
        : null;
  }

  private boolean isToBeReplaced(Child child) {
    if (pool.isRestarting() && pool.isOld(child)) {
      return due(pool.lastCollected(), settings.spawnInterval());
    }
    return recycleReason(child) != null && due(pool.slot(child.slot()).notBefore());
  }

  /** Why a child that serves should be replaced; null where it need not. */
  private @Nullable String recycleReason(Child child) {
    Instant readyAt = child.readyAt();
    if (readyAt == null) {
      return null;
    }
    if (settings.maxMemory() > 0
        && child.residentBytes() > settings.maxMemory()
        // One whose memory is over the limit from the start would be replaced for ever, at once.
        && due(readyAt.plus(Slot.EARLY))) {
      return "it holds %d MiB of memory, more than %d"
          .formatted(child.residentBytes() >> 20, settings.maxMemory() >> 20);
    }
    if (!settings.maxLifetime().isZero() && due(readyAt.plus(settings.maxLifetime()))) {
      return "it has served for " + settings.maxLifetime();
    }
    return isNearItsLimit(child)
        ? "it has taken %d calls and may take %d".formatted(child.handled(), child.maxRequests())
        : null;
  }

  /** Whether it will have taken its last call when a replacement, started now, is ready. */
  private boolean isNearItsLimit(Child child) {
    long limit = child.maxRequests();
    if (limit == 0 || child.handled() * 2 < limit) {
      return false;
    }
    double untilReady = child.callsPerSecond() * pool.bootTime().toNanos() / 1e9;
    return limit - child.handled() <= untilReady;
  }

  private Action drain(Child child, String why) {
    return new Action.Drain(child, child.gracefulTimeout(), why, true);
  }

  private boolean isEmpty(int slot) {
    return pool.living().stream()
        .noneMatch(child -> child.slot() == slot && (child.isComingOrServing() || isFailed(child)));
  }

  private long livingInSlots() {
    return inOrder().filter(child -> child.slot() <= pool.size()).count();
  }

  /** It was killed for its own fault: how long its slot stays empty is known when it is gone. */
  private static boolean isFailed(Child child) {
    return child.is(State.KILLED) && !child.endsAsAsked();
  }

  private Stream<Child> inOrder() {
    List<Child> children = pool.children();
    return children.stream();
  }

  private boolean due(Instant last, Duration interval) {
    return last.equals(Instant.MIN) || due(last.plus(interval));
  }

  /** Whether that time has come; where not, this is asked again then. */
  private boolean due(Instant when) {
    if (!now.isBefore(when)) {
      return true;
    }
    if (wakeUp == null || when.isBefore(wakeUp)) {
      wakeUp = when;
    }
    return false;
  }
}
