package io.clutch.supervisor.internal.keep;

import com.google.common.collect.ImmutableList;
import io.clutch.process.Place;
import io.clutch.supervisor.internal.pool.Action;
import io.clutch.supervisor.internal.pool.Child;
import io.clutch.supervisor.internal.pool.Planner;
import io.clutch.supervisor.internal.pool.Pool;
import io.clutch.supervisor.internal.process.ChildProcess;
import io.clutch.v1.AttachResponse.ChildGone;
import io.clutch.v1.PoolEvent;
import io.clutch.v1.PoolEvent.Kind;
import io.clutch.v1.PoolStatus;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what the planner says, and tells the pool what became of it. All of it on the pool's thread,
 * which owns everything in here.
 */
final class PoolKeeper {

  private static final Logger log = LoggerFactory.getLogger(PoolKeeper.class);

  private static final Duration MEMORY_INTERVAL = Duration.ofSeconds(1);

  private final PoolThread thread;
  private final InstantSource clock;
  private final Pool pool;
  private final Premises premises;
  private final Identity identity;
  private final boolean claimsControlPathWhenReady;
  private final Reception reception;
  private final Journal journal;
  private final Changes changes;
  private final StatusFile statusFile;
  private final Consumer<Integer> onExit;

  private final Operations operations = new Operations();
  private final Watchers watchers = new Watchers();
  private final Map<Child, Member> members = new LinkedHashMap<>();
  private final JobBell<Member> jobBell = new JobBell<>(Member::jobsWait);
  private final Departures departures = new Departures();

  private ImmutableList<String> siblingSockets = ImmutableList.of();
  private Instant memoryDue = Instant.MIN;
  private Instant watchdogDue = Instant.MIN;
  private boolean ended;

  /**
   * @param onExit takes the exit code when all children have gone
   */
  PoolKeeper(
      PoolThread thread,
      InstantSource clock,
      Pool pool,
      Premises premises,
      Identity identity,
      boolean claimsControlPathWhenReady,
      StatusFile statusFile,
      Consumer<PoolEvent> listener,
      Consumer<Integer> onExit) {
    this.thread = thread;
    this.clock = clock;
    this.pool = pool;
    this.premises = premises;
    this.identity = identity;
    this.claimsControlPathWhenReady = claimsControlPathWhenReady;
    this.statusFile = statusFile;
    this.onExit = onExit;
    this.reception = new Reception(premises.listeners());
    this.journal = new Journal(listener);
    this.changes = new Changes(pool, operations, journal, premises.systemd());
    journal.listener(watchers::event);
    journal.listener(event -> operations.event(event, changes.replaced(), changes.toReplace()));
  }

  Pool pool() {
    return pool;
  }

  Reception reception() {
    return reception;
  }

  Operations operations() {
    return operations;
  }

  Changes changes() {
    return changes;
  }

  Watchers watchers() {
    return watchers;
  }

  JobBell<Member> jobBell() {
    return jobBell;
  }

  Departures departures() {
    return departures;
  }

  Collection<Member> members() {
    return members.values();
  }

  Instant now() {
    return clock.instant();
  }

  void note(Kind kind, @Nullable Member member, String message, String detail) {
    journal.note(kind, member, message, detail);
  }

  /** Does all there is to do now; says when to look again though nothing happens. */
  @Nullable Instant lookAround() {
    Instant now = now();
    Instant memory = watchMemory(now);
    // First of all, for those that the planner may ask to leave next.
    reception.deal(members(), now);
    Planner.Step step = Planner.next(pool, now);
    for (Action action = step.action(); action != null; action = step.action()) {
      perform(action, now);
      if (ended) {
        return null;
      }
      step = Planner.next(pool, now);
    }
    // Before it is dealt its first connection.
    tellPoolSize();
    tellSiblings();
    Instant deal = reception.deal(members(), now);
    changes.settle();
    statusFile.update(members());
    premises.systemd().status(StatusReport.line(pool));
    return earliest(step.wakeUp(), memory, deal, watchdog(now), watchers.send(this::status, now));
  }

  /** Clients keep as many connections as there are children to have them. */
  private void tellPoolSize() {
    int serving = pool.servingChildren();
    if (serving > 0) {
      members.values().forEach(member -> member.poolSize(serving));
    }
  }

  /** Children hand calls that wait over to each other. */
  private void tellSiblings() {
    ImmutableList.Builder<String> now = ImmutableList.builder();
    members.values().forEach(member -> member.addSiblingSocket(now));
    ImmutableList<String> sockets = now.build();
    if (!sockets.equals(siblingSockets)) {
      siblingSockets = sockets;
    }
    members.values().forEach(member -> member.siblings(siblingSockets));
  }

  private static @Nullable Instant earliest(@Nullable Instant... times) {
    Instant earliest = null;
    for (Instant time : times) {
      if (time != null && (earliest == null || time.isBefore(earliest))) {
        earliest = time;
      }
    }
    return earliest;
  }

  private @Nullable Instant watchMemory(Instant now) {
    if (pool.settings().maxMemory() == 0) {
      return null;
    }
    if (!now.isBefore(memoryDue)) {
      measureMemory();
      memoryDue = now.plus(MEMORY_INTERVAL);
    }
    return memoryDue;
  }

  private void measureMemory() {
    members.values().forEach(m -> m.child.measured(ChildProcess.residentBytes(m.pid())));
  }

  /** From this thread, so that systemd notices when it is stuck. */
  private @Nullable Instant watchdog(Instant now) {
    Duration interval = premises.systemd().watchdogInterval().orElse(null);
    if (interval == null) {
      return null;
    }
    if (!now.isBefore(watchdogDue)) {
      premises.systemd().watchdog();
      watchdogDue = now.plus(interval);
    }
    return watchdogDue;
  }

  PoolStatus status() {
    measureMemory();
    return StatusReport.of(
        identity,
        pool,
        members(),
        addresses(),
        reception.waiting(),
        changes.restartFailure(),
        journal.recent());
  }

  ImmutableList<String> addresses() {
    return premises.listeners().addresses();
  }

  private void perform(Action action, Instant now) {
    Child spawned = pool.done(action, now);
    if (action instanceof Action.Spawn spawn) {
      launch(Objects.requireNonNull(spawned), spawn.replaced(), now);
    } else if (action instanceof Action.Drain drain) {
      drain(drain);
    } else if (action instanceof Action.Kill kill) {
      kill(kill);
    } else if (action instanceof Action.DumpThreads dump) {
      Member member = member(dump.child());
      log.warn("{} gives no sign of life: QUIT, for a thread dump in its output", dump.child());
      ChildProcess.dumpThreads(member.pid());
    } else if (action instanceof Action.CloseDoor) {
      reception.closeDoor();
      thread.execute(pool::doorClosed);
    } else if (action instanceof Action.AnnounceReady) {
      announceReady();
    } else if (action instanceof Action.EndRestart end) {
      changes.endRestart(end.failure());
    } else if (action instanceof Action.Exit exit) {
      exit(exit);
    }
  }

  private Member member(Child child) {
    return Objects.requireNonNull(members.get(child));
  }

  private void launch(Child child, @Nullable Child replaced, Instant now) {
    Place place = new Place(premises.controlSocket(), child.slot(), child.generation());
    ChildProcess process;
    try {
      process = premises.launcher().launch(place);
    } catch (IOException e) {
      String how = "%s could not be started: %s".formatted(child, e.getMessage());
      journal.note(Kind.CRASHED, how, "");
      changes.failedToStart(how);
      pool.exited(child, how, now);
      return;
    }
    Member member = new Member(child, process, place);
    members.put(child, member);
    note(Kind.SPAWNED, member, replaced == null ? "starts" : "starts, to replace " + replaced, "");
    var unused =
        process
            .onExit()
            .whenComplete(
                (code, error) -> thread.execute(() -> exited(member, code == null ? -1 : code)));
  }

  private void drain(Action.Drain drain) {
    Member member = member(drain.child());
    jobBell.forget(member);
    note(Kind.DRAINING, member, "drains: " + drain.why(), "");
    member.drain(drain.atMost());
  }

  private void kill(Action.Kill kill) {
    Member member = member(kill.child());
    kill(member, kill.why());
  }

  /** Ends a child by force. */
  void kill(Member member, String why) {
    note(Kind.KILLED, member, "is killed: " + why, "");
    member.kill(why);
  }

  private void exited(Member member, int exitCode) {
    Child child = member.child;
    members.remove(child);
    member.end();
    jobBell.forget(member);
    String end = member.describeExit(exitCode);
    ChildGone gone = member.asGone(end);
    var unused = member.onWorkerExit().thenRun(() -> thread.execute(() -> departed(gone)));
    if (child.endsAsAsked()) {
      note(Kind.EXITED, member, "has gone: " + end, "");
      pool.exited(child, end, now());
      return;
    }
    boolean neverReady = child.readyAt() == null;
    String message = neverReady ? "did not become ready: " + end : "died: " + end;
    String lastLines = member.process.lastLines();
    note(
        Kind.CRASHED,
        member,
        lastLines.isEmpty() ? message : message + "; its last lines:",
        lastLines);
    String how =
        "child %d (pid %d) %s%s"
            .formatted(
                child.slot(),
                member.pid(),
                message,
                lastLines.isEmpty() ? "" : "; its last lines:\n" + lastLines);
    if (neverReady) {
      changes.failedToStart(how);
    }
    pool.exited(child, how, now());
  }

  /** Tells the others, which run what it was about to run. */
  private void departed(ChildGone gone) {
    departures.add(gone, now());
    members.values().forEach(member -> member.childGone(gone));
  }

  private void announceReady() {
    journal.note(
        Kind.POOL_READY,
        "pool ready on %s: pid %d, %d of %d children ready"
            .formatted(
                String.join(", ", addresses()), identity.pid(), pool.readyChildren(), pool.size()),
        "");
    if (claimsControlPathWhenReady) {
      try {
        premises.controlPath().claim();
      } catch (IOException e) {
        log.warn("cannot take over '{}': {}", premises.controlPath(), e.toString());
      }
    }
    premises.systemd().ready();
  }

  /** Begins the end. */
  void leave(Pool.Goal goal, String why) {
    if (goal.compareTo(pool.goal()) <= 0) {
      return;
    }
    pool.leave(goal, why);
    journal.note(Kind.STOPPING, "the pool stops: " + why, "");
    premises.systemd().stopping();
  }

  private void exit(Action.Exit exit) {
    ended = true;
    if (exit.code() == Planner.EXIT_NEVER_READY) {
      journal.note(Kind.STOPPING, "the pool stops: no child became ready", "");
    }
    reception.close();
    new ArrayList<>(members.values()).forEach(Member::end);
    operations.end(exit.why());
    watchers.end();
    statusFile.delete();
    thread.end();
    onExit.accept(exit.code());
  }
}
