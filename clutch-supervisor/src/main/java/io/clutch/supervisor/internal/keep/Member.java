package io.clutch.supervisor.internal.keep;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import io.clutch.process.Place;
import io.clutch.supervisor.internal.control.ChildStream;
import io.clutch.supervisor.internal.net.DescriptorLink;
import io.clutch.supervisor.internal.pool.Child;
import io.clutch.supervisor.internal.pool.Connections;
import io.clutch.supervisor.internal.process.ChildProcess;
import io.clutch.v1.AttachResponse.ChildGone;
import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A child with what the supervisor holds of it. Owned by the pool's thread. */
final class Member {

  /** How much longer than its drain a worker may take that has lost its supervisor, and more. */
  private static final Duration OVERTIME = Duration.ofSeconds(10);

  final Child child;
  final ChildProcess process;
  final Connections connections = new Connections();

  private final Place place;
  private @Nullable String killedBecause;
  private long pid;

  /** The worker's process; null where it never attached. */
  private @Nullable ProcessHandle worker;

  private @Nullable ChildStream stream;
  private @Nullable DescriptorLink link;
  private Instant countedAt;
  private int toldPoolSize;
  private String siblingSocket = "";

  /** All sockets of siblings that there were when it was told last, its own included. */
  private ImmutableList<String> toldSiblings = ImmutableList.of();

  Member(Child child, ChildProcess process, Place place) {
    this.child = child;
    this.process = process;
    this.place = place;
    this.pid = process.pid();
    this.countedAt = child.spawnedAt();
  }

  /** The worker's process, as far as it is known: that which was started may have started it. */
  long pid() {
    return pid;
  }

  boolean isAttached() {
    return stream != null;
  }

  boolean isAt(ChildStream other) {
    return stream == other;
  }

  void attach(ChildStream newStream, long workerPid) {
    stream = newStream;
    pid = workerPid;
    worker = ProcessHandle.of(workerPid).orElse(null);
  }

  void detach() {
    stream = null;
    closeLink();
  }

  void link(DescriptorLink newLink) {
    link = newLink;
  }

  /** Its way for connections, where it may be given any. */
  @Nullable DescriptorLink openLink() {
    DescriptorLink open = link;
    return child.state() == Child.State.READY && open != null && open.isOpen() ? open : null;
  }

  void counted(int inFlight, long handled, Instant now) {
    child.counted(inFlight, handled, Duration.between(countedAt, now));
    countedAt = now;
  }

  /** Tells it how many serve, where it does not know yet. */
  void poolSize(int size) {
    ChildStream attached = stream;
    if (attached != null && size != toldPoolSize) {
      toldPoolSize = size;
      attached.poolSize(size);
    }
  }

  /** Where it takes calls from its siblings; empty where it takes none. */
  void takesCallsAt(String socket) {
    siblingSocket = socket;
  }

  /** Adds where it takes calls from its siblings now. */
  void addSiblingSocket(ImmutableList.Builder<String> sockets) {
    if (child.state() == Child.State.READY && stream != null && !siblingSocket.isEmpty()) {
      sockets.add(siblingSocket);
    }
  }

  /**
   * Tells it where the others take calls, where it does not know yet.
   *
   * @param all every child's socket; the same object for as long as nothing changes
   */
  void siblings(ImmutableList<String> all) {
    ChildStream attached = stream;
    if (attached != null && !siblingSocket.isEmpty() && !all.equals(toldSiblings)) {
      toldSiblings = all;
      attached.siblings(Iterables.filter(all, socket -> !socket.equals(siblingSocket)));
    }
  }

  /** Tells it that there are durable background calls for it. */
  void jobsWait() {
    ChildStream attached = stream;
    if (attached != null) {
      attached.jobsWait();
    }
  }

  /** Tells it that another child has gone; one that is not ready yet hears of that when it is. */
  void childGone(ChildGone gone) {
    ChildStream attached = stream;
    if (attached != null && child.readyAt() != null) {
      attached.childGone(gone);
    }
  }

  /** Has it finish its calls and exit. */
  void drain(Duration atMost) {
    ChildStream attached = stream;
    if (attached != null) {
      closeLink();
      attached.drain(atMost);
    } else {
      process.terminate();
    }
  }

  void kill(String why) {
    killedBecause = why;
    detach();
    process.kill();
  }

  /** How its process ended, for people. */
  String describeExit(int exitCode) {
    String end = ChildProcess.describeExit(exitCode);
    return killedBecause == null ? end : end + ", for " + killedBecause;
  }

  /**
   * When the worker itself has ended, which may outlive a shell around it. It ends itself then, in
   * the end by force, so it is not waited for without limit: nobody may be there to bury it.
   */
  CompletableFuture<?> onWorkerExit() {
    ProcessHandle attached = worker;
    if (attached == null || !attached.isAlive()) {
      return CompletableFuture.completedFuture(null);
    }
    Duration atMost = child.gracefulTimeout().plus(OVERTIME);
    return attached.onExit().completeOnTimeout(attached, atMost.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** What others are told when it has gone. */
  ChildGone asGone(String how) {
    return ChildGone.newBuilder()
        .setSlot(child.slot())
        .setGeneration(child.generation())
        .setProcessId(pid)
        .setHow(how)
        .build();
  }

  /** Its process is gone, or is left to itself. */
  void end() {
    ChildStream attached = stream;
    if (attached != null) {
      // The worker may live on where the process was a shell around it: it must not go on alone.
      attached.refuse(Status.UNAVAILABLE.withDescription("the supervisor has ended this child"));
    }
    detach();
    place.deleteSockets();
  }

  private void closeLink() {
    DescriptorLink open = link;
    if (open != null) {
      open.close();
      link = null;
    }
  }
}
