package io.clutch.supervisor.internal.keep;

import io.clutch.supervisor.internal.pool.Pool;
import io.clutch.supervisor.internal.systemd.SystemdNotifier;
import io.clutch.v1.PoolEvent.Kind;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * Rolling restarts and changes of size: begun here, and told to those who wait for them when they
 * end. Owned by the pool's thread.
 */
final class Changes {

  private final Pool pool;
  private final Operations operations;
  private final Journal journal;
  private final SystemdNotifier systemd;

  /** How many children the last restart is to replace. */
  private int toReplace;

  private String restartFailure = "";

  Changes(Pool pool, Operations operations, Journal journal, SystemdNotifier systemd) {
    this.pool = pool;
    this.operations = operations;
    this.journal = journal;
    this.systemd = systemd;
  }

  /** Begins a rolling restart. */
  void restart(String why) {
    pool.restart();
    toReplace = pool.oldChildren();
    restartFailure = "";
    journal.note(
        Kind.RESTART_BEGUN, "rolling restart of %d children: %s".formatted(toReplace, why), "");
    systemd.reloading();
  }

  /** It is over. */
  void endRestart(@Nullable String failure) {
    if (failure == null) {
      journal.note(Kind.RESTART_DONE, "rolling restart done", "");
      operations.done(Operations.Kind.RESTART);
    } else {
      restartFailure = failure;
      journal.note(Kind.RESTART_FAILED, "rolling restart failed: " + failure, "");
      operations.failed(Operations.Kind.RESTART, Status.Code.FAILED_PRECONDITION, failure);
    }
    if (pool.goal() == Pool.Goal.SERVE) {
      systemd.ready();
    }
  }

  /** Why the last rolling restart failed; empty where it did not. */
  String restartFailure() {
    return restartFailure;
  }

  /** How many children the last restart is to replace. */
  int toReplace() {
    return toReplace;
  }

  /** How many of those it has replaced. */
  int replaced() {
    return toReplace - pool.oldChildren();
  }

  /**
   * Changes the number of children.
   *
   * @throws IllegalArgumentException where that is not possible
   */
  void resize(int size, String why) {
    int before = pool.size();
    pool.resize(size);
    journal.note(Kind.SCALED, "%d children instead of %d: %s".formatted(size, before, why), "");
  }

  /** A child did not become ready: that is a failure for those who wait for more children. */
  void failedToStart(String how) {
    operations.failed(Operations.Kind.SCALE, Status.Code.FAILED_PRECONDITION, how);
  }

  /** Tells those who wait for a number of children when it is reached. */
  void settle() {
    if (operations.any(Operations.Kind.SCALE)
        && pool.readyChildren() == pool.size()
        && pool.children().size() == pool.size()) {
      operations.done(Operations.Kind.SCALE);
    }
  }
}
