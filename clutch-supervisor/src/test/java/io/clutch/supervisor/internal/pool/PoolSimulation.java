package io.clutch.supervisor.internal.pool;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import io.clutch.supervisor.internal.pool.Child.State;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A pool whose clock and whose children are moved by hand. After each event the planner is asked
 * until it has nothing left to do; each action counts as done at once, and {@link PoolInvariants}
 * hold all the time.
 *
 * <p>Children are called by slot and generation: {@code 2.1} is the first child in slot 2.
 */
final class PoolSimulation {

  private static final int TOO_MANY_ACTIONS = 1000;

  private final Pool pool;
  private final PoolInvariants invariants;
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final ActionLog log = new ActionLog(now);
  private @Nullable Instant wakeUp;
  private @Nullable Action last;

  PoolSimulation(PoolSettings settings, Random random) {
    pool = new Pool(settings, random);
    invariants = new PoolInvariants(pool);
    settle();
  }

  // What is so.

  Pool pool() {
    return pool;
  }

  Instant now() {
    return now;
  }

  /** The newest child in the slot. */
  Child child(int slot) {
    return Iterables.getLast(inSlot(slot));
  }

  /** The oldest child in the slot. */
  Child oldest(int slot) {
    return inSlot(slot).get(0);
  }

  private List<Child> inSlot(int slot) {
    List<Child> found = pool.children().stream().filter(child -> child.slot() == slot).toList();
    assertThat(found).as("children in slot %d", slot).isNotEmpty();
    return found;
  }

  /** The names of all children in that state. */
  List<String> names(State state) {
    return which(state).stream().map(ActionLog::name).toList();
  }

  /** Whether the planner said that all is over. */
  boolean isOver() {
    return last instanceof Action.Exit;
  }

  /** When the planner wants to be asked again, from now. */
  @Nullable Duration untilWakeUp() {
    return wakeUp == null ? null : Duration.between(now, wakeUp);
  }

  // What was done.

  /** What was done since this was asked last. */
  ImmutableList<String> did() {
    return log.take(now);
  }

  /** What was done since this was asked last, and how long after. */
  ImmutableList<String> didWhen() {
    return log.takeTimed(now);
  }

  /** The last thing done, which has to be of that kind. */
  <A extends Action> A last(Class<A> kind) {
    assertThat(last).isInstanceOf(kind);
    return kind.cast(last);
  }

  // What happens.

  /** Time passes; the planner is asked at exactly the times at which it wants to be. */
  void advance(Duration duration) {
    Instant end = now.plus(duration);
    while (wakeUp != null && !wakeUp.isAfter(end)) {
      now = wakeUp;
      settle();
    }
    now = end;
    settle();
  }

  void ready(int slot) {
    ready(child(slot));
  }

  void ready(Child child) {
    pool.ready(child, pool.settings().gracefulTimeout(), now);
    settle();
  }

  /** All that are starting become ready. */
  void readyAll() {
    all(State.STARTING, this::ready);
  }

  /** Time passes until all children that the pool is to have are ready. */
  void bootAll() {
    for (int i = 0; pool.readyChildren() < pool.size(); i++) {
      assertThat(i).as("seconds for the start").isLessThan(1000);
      advance(TestSettings.BOOT_TIME);
      readyAll();
      heartbeats();
    }
  }

  void exit(int slot) {
    exit(child(slot), "exited with code 1");
  }

  void exit(Child child) {
    exit(child, "exited with code 1");
  }

  void exit(Child child, String how) {
    assertThat(pool.children()).contains(child);
    pool.exited(child, how, now);
    settle();
  }

  /** All that were drained have finished. */
  void exitDrained() {
    all(State.DRAINING, this::exit);
  }

  /** All that were killed are gone. */
  void exitKilled() {
    all(State.KILLED, child -> exit(child, "killed"));
  }

  /**
   * Time passes in which nothing bad happens: children become ready in their time, those drained
   * finish within a second, and those killed are gone within a second.
   */
  void liveFor(Duration duration) {
    Instant end = now.plus(duration);
    while (now.isBefore(end) && !isOver()) {
      List<Child> starting = which(State.STARTING);
      List<Child> ending = which(State.DRAINING, State.KILLED);
      advance(TestSettings.BOOT_TIME);
      starting.stream().filter(child -> child.is(State.STARTING)).forEach(this::ready);
      ending.forEach(this::exit);
      heartbeats();
    }
  }

  private void all(State state, Consumer<Child> event) {
    which(state).forEach(event);
  }

  private List<Child> which(State... states) {
    List<State> wanted = List.of(states);
    return pool.children().stream().filter(child -> wanted.contains(child.state())).toList();
  }

  void heartbeat(int slot) {
    child(slot).heard(now);
    settle();
  }

  /** All that serve give a sign of life. */
  void heartbeats() {
    all(State.READY, child -> child.heard(now));
    settle();
  }

  /** The child has started so many calls in all, the last of them within {@code sinceLast}. */
  void handled(int slot, long calls, Duration sinceLast) {
    child(slot).heard(now);
    child(slot).counted(0, calls, sinceLast);
    settle();
  }

  void measured(int slot, long bytes) {
    child(slot).measured(bytes);
    settle();
  }

  void leaves(int slot, Leaving why) {
    child(slot).leaves(why);
    settle();
  }

  void restart() {
    pool.restart();
    settle();
  }

  void resize(int size) {
    pool.resize(size);
    settle();
  }

  void leave(Pool.Goal goal) {
    pool.leave(goal, "told by a test");
    settle();
  }

  // How it goes on.

  private void settle() {
    wakeUp = null;
    boolean doorCloses = false;
    for (int i = 0; !isOver(); i++) {
      assertThat(i).as("actions at once: %s", log).isLessThan(TOO_MANY_ACTIONS);
      Planner.Step step = Planner.next(pool, now);
      Action action = step.action();
      if (action == null && doorCloses) {
        doorCloses = false;
        pool.doorClosed();
        continue;
      }
      if (action instanceof Action.CloseDoor) {
        // What waits is dealt out at once; DoorTest looks at it more closely.
        doorCloses = true;
        pool.done(action, now);
        continue;
      }
      if (action == null) {
        wakeUp = step.wakeUp();
        invariants.checkWhenSettled(wakeUp, now);
        return;
      }
      invariants.checkBefore(action, now);
      Child spawned = pool.done(action, now);
      log.add(action, spawned, now);
      last = action;
    }
  }
}
