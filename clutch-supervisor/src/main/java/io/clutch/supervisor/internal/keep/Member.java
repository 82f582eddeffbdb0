package io.clutch.supervisor.internal.keep;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import io.clutch.process.Place;
import io.clutch.supervisor.internal.control.ChildStream;
import io.clutch.supervisor.internal.net.DescriptorLink;
import io.clutch.supervisor.internal.pool.Child;
import io.clutch.supervisor.internal.pool.Connections;
import io.clutch.supervisor.internal.process.ChildProcess;
import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A child with what the supervisor holds of it. Owned by the pool's thread. */
final class Member {

  final Child child;
  final ChildProcess process;
  final Connections connections = new Connections();

  private final Place place;
  private @Nullable String killedBecause;
  private long pid;
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
