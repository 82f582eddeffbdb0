package io.clutch.supervisor.internal.keep;

import io.clutch.protocol.Durations;
import io.clutch.supervisor.internal.control.ChildStream;
import io.clutch.supervisor.internal.net.DescriptorLink;
import io.clutch.supervisor.internal.pool.Child;
import io.clutch.supervisor.internal.pool.Leaving;
import io.clutch.supervisor.internal.pool.Pool;
import io.clutch.supervisor.internal.pool.PoolSettings;
import io.clutch.v1.AttachRequest;
import io.clutch.v1.AttachResponse;
import io.clutch.v1.PoolEvent.Kind;
import io.grpc.Status;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Takes what children say. On the pool's thread. */
final class ChildDesk {

  private static final Duration LONGEST_HEARTBEAT = Duration.ofSeconds(1);

  /**
   * How long a child that lost its stream has to exit before that counts as a reason of its own.
   */
  private static final long EXIT_MILLIS = 1_000;

  private final PoolThread thread;
  private final PoolKeeper keeper;
  private final EventLoopGroup loops;

  ChildDesk(PoolThread thread, PoolKeeper keeper, EventLoopGroup loops) {
    this.thread = thread;
    this.keeper = keeper;
    this.loops = loops;
  }

  void attach(AttachRequest.Hello hello, ChildStream stream) {
    Member member = find(hello.getSlot(), hello.getGeneration()).orElse(null);
    if (member == null || !member.process.includes(hello.getProcessId())) {
      stream.refuse(
          Status.NOT_FOUND.withDescription(
              "process %d is no child of this supervisor in slot %d, generation %d"
                  .formatted(hello.getProcessId(), hello.getSlot(), hello.getGeneration())));
      return;
    }
    if (member.isAttached()) {
      stream.refuse(
          Status.ALREADY_EXISTS.withDescription(
              "slot %d, generation %d is process %d, which is attached already"
                  .formatted(hello.getSlot(), hello.getGeneration(), member.pid())));
      return;
    }
    member.attach(stream, hello.getProcessId());
    member.child.heard(keeper.now());
    stream.welcome(welcome(member.child));
    if (member.child.state() != Child.State.STARTING) {
      // Asked to leave before it was there.
      stream.drain(Duration.ZERO);
    }
  }

  private AttachResponse.Welcome welcome(Child child) {
    Pool pool = keeper.pool();
    PoolSettings settings = pool.settings();
    Duration heartbeat = settings.heartbeatTimeout().dividedBy(4);
    return AttachResponse.Welcome.newBuilder()
        .setMaxRequests(child.maxRequests())
        .setHeartbeatInterval(
            Durations.toProto(
                heartbeat.compareTo(LONGEST_HEARTBEAT) < 0 ? heartbeat : LONGEST_HEARTBEAT))
        .setKillGrace(Durations.toProto(settings.killGrace()))
        // With itself.
        .setPoolSize(Math.min(pool.servingChildren() + 1, pool.size()))
        .addAllAddresses(keeper.addresses())
        .build();
  }

  private Optional<Member> find(int slot, long generation) {
    return keeper.members().stream()
        .filter(member -> member.child.slot() == slot && member.child.generation() == generation)
        .findFirst();
  }

  void received(ChildStream stream, AttachRequest message) {
    Member member = find(stream).orElse(null);
    if (member == null) {
      return;
    }
    Instant now = keeper.now();
    member.child.heard(now);
    switch (message.getMessageCase()) {
      case READY -> ready(member, message.getReady(), now);
      case HEARTBEAT ->
          member.counted(
              message.getHeartbeat().getInFlight(), message.getHeartbeat().getHandled(), now);
      case CONNECTIONS_CLOSED ->
          message.getConnectionsClosed().getNumbersList().forEach(member.connections::remove);
      case RETIRING -> member.child.leaves(leaving(message.getRetiring().getReason()));
      case HUNG -> hung(member, message.getHung());
      case JOBS_WAIT -> keeper.jobBell().jobsWait(member);
      case JOBS_WANTED -> jobsWanted(member);
      case HELLO, MESSAGE_NOT_SET -> {
        // Of a later version, or a mistake without consequences.
      }
    }
  }

  private Optional<Member> find(ChildStream stream) {
    return keeper.members().stream().filter(member -> member.isAt(stream)).findFirst();
  }

  private void ready(Member member, AttachRequest.Ready ready, Instant now) {
    Child child = member.child;
    if (child.state() != Child.State.STARTING) {
      // Asked to leave meanwhile.
      return;
    }
    try {
      member.link(DescriptorLink.connect(Path.of(ready.getDescriptorSocket())));
    } catch (IOException | InvalidPathException e) {
      // It dies of it, and is started again.
      keeper.kill(member, "it cannot be handed connections: " + e);
      return;
    }
    member.takesCallsAt(ready.getSiblingSocket());
    keeper.pool().ready(child, Durations.fromProto(ready.getGracefulTimeout()), now);
    keeper.departures().recent(now).forEach(member::childGone);
    keeper.note(
        Kind.CHILD_READY,
        member,
        "is ready in %d ms".formatted(Duration.between(child.spawnedAt(), now).toMillis()),
        "");
  }

  private static Leaving leaving(AttachRequest.Retiring.Reason reason) {
    return switch (reason) {
      case REQUEST_LIMIT -> Leaving.REQUEST_LIMIT;
      case FATAL_ERROR -> Leaving.FATAL_ERROR;
      default -> Leaving.TOLD_TO_STOP;
    };
  }

  private void hung(Member member, AttachRequest.Hung hung) {
    keeper.note(
        Kind.HUNG,
        member,
        "hangs in '%s' (call %s), which went on after its time"
            .formatted(hung.getFunction(), hung.getCallId()),
        hung.getThreadDump());
    member.child.leaves(Leaving.HUNG);
  }

  private void jobsWanted(Member member) {
    Child.State state = member.child.state();
    if (state == Child.State.STARTING || state == Child.State.READY) {
      keeper.jobBell().jobsWanted(member);
    }
  }

  void ended(ChildStream stream) {
    Member member = find(stream).orElse(null);
    if (member == null) {
      return;
    }
    stream.complete();
    member.detach();
    // Most often its process has ended and that is told next, with the exit code.
    var unused =
        loops.schedule(
            () -> thread.execute(() -> member.child.leaves(Leaving.LOST)),
            EXIT_MILLIS,
            TimeUnit.MILLISECONDS);
  }
}
