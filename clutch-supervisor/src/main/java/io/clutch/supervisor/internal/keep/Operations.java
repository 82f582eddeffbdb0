package io.clutch.supervisor.internal.keep;

import io.clutch.supervisor.internal.control.Follower;
import io.clutch.v1.PoolEvent;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Who waits for the end of what they asked for. Owned by the pool's thread. */
final class Operations {

  enum Kind {
    RESTART,
    SCALE,
    STOP
  }

  private record Operation(Kind kind, Follower follower) {}

  private final List<Operation> running = new ArrayList<>();

  void add(Kind kind, Follower follower) {
    running.add(new Operation(kind, follower));
  }

  boolean any(Kind kind) {
    return running.stream().anyMatch(operation -> operation.kind == kind);
  }

  /** Something happened that all of them see. */
  void event(PoolEvent event, int done, int total) {
    running.forEach(operation -> operation.follower.event(event, done, total));
  }

  void done(Kind kind) {
    take(operation -> operation.kind == kind).forEach(operation -> operation.follower.done());
  }

  void failed(Kind kind, Status.Code code, String why) {
    take(operation -> operation.kind == kind)
        .forEach(operation -> operation.follower.failed(code, why));
  }

  /** The pool has come to its end. */
  void end(String why) {
    done(Kind.STOP);
    failed(Kind.RESTART, Status.Code.ABORTED, "the pool stops: " + why);
    failed(Kind.SCALE, Status.Code.ABORTED, "the pool stops: " + why);
  }

  private List<Operation> take(Predicate<Operation> which) {
    List<Operation> taken = running.stream().filter(which).toList();
    running.removeAll(taken);
    return taken;
  }
}
