package io.clutch.supervisor.internal.keep;

import static io.clutch.supervisor.internal.keep.Journal.timestamp;

import com.google.common.collect.ImmutableList;
import io.clutch.protocol.ClutchVersion;
import io.clutch.protocol.Durations;
import io.clutch.supervisor.internal.pool.Child;
import io.clutch.supervisor.internal.pool.Pool;
import io.clutch.v1.ChildStatus;
import io.clutch.v1.PoolEvent;
import io.clutch.v1.PoolStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;

/** The pool as it is told to people and tools. */
final class StatusReport {

  private StatusReport() {}

  static PoolStatus of(
      Identity identity,
      Pool pool,
      Collection<Member> members,
      ImmutableList<String> addresses,
      int waitingConnections,
      String restartFailure,
      ImmutableList<PoolEvent> recent) {
    PoolStatus.Builder status =
        PoolStatus.newBuilder()
            .setProcessId(identity.pid())
            .setParentProcessId(identity.parentPid())
            .setVersion(ClutchVersion.get())
            .setStartTime(timestamp(identity.startedAt()))
            .setState(state(pool))
            .addAllAddresses(addresses)
            .setMaxWorkers(pool.size())
            .setWaitingConnections(waitingConnections)
            .setRestartFailure(restartFailure)
            .addAllRecentEvents(recent);
    Integer generation = identity.starterGeneration();
    if (generation != null) {
      status.setServerStarterGeneration(generation);
    }
    members.stream()
        .sorted(
            Comparator.comparingInt((Member member) -> member.child.slot())
                .thenComparingLong(member -> member.child.generation()))
        .map(StatusReport::child)
        .forEach(status::addChildren);
    return status.build();
  }

  /** One line for systemd. */
  static String line(Pool pool) {
    return switch (state(pool)) {
      case STOPPING -> "stopping, %d children left".formatted(pool.children().size());
      case RESTARTING ->
          "replacing children, %d left, %d of %d ready"
              .formatted(pool.oldChildren(), pool.readyChildren(), pool.size());
      default -> "%d of %d children ready".formatted(pool.readyChildren(), pool.size());
    };
  }

  private static PoolStatus.State state(Pool pool) {
    if (pool.goal() != Pool.Goal.SERVE) {
      return PoolStatus.State.STOPPING;
    }
    if (!pool.isAnnounced()) {
      return PoolStatus.State.STARTING;
    }
    return pool.isRestarting() ? PoolStatus.State.RESTARTING : PoolStatus.State.READY;
  }

  private static ChildStatus child(Member member) {
    Child child = member.child;
    ChildStatus.Builder status =
        ChildStatus.newBuilder()
            .setSlot(child.slot())
            .setProcessId(member.pid())
            .setGeneration(child.generation())
            .setState(ChildStatus.State.valueOf(child.state().name()))
            .setInFlight(child.inFlight())
            .setHandled(child.handled())
            .setRssBytes(child.residentBytes())
            .setConnections(member.connections.size())
            .setStartTime(timestamp(child.spawnedAt()));
    Instant readyAt = child.readyAt();
    if (readyAt != null) {
      status.setBootTime(Durations.toProto(Duration.between(child.spawnedAt(), readyAt)));
    }
    return status.build();
  }
}
