package io.clutch.it;

import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableSet;
import io.clutch.client.ClutchClient;
import io.clutch.it.ClutchProcesses.Running;
import io.clutch.supervisor.PoolControl;
import io.clutch.v1.ChildStatus;
import io.clutch.v1.PoolEvent;
import io.clutch.v1.PoolStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A supervisor with its children, started by {@link ClutchProcesses}. */
final class PoolProcess {

  static final Duration LIMIT = Duration.ofMinutes(3);

  private static final Pattern READY = Pattern.compile("pool ready on (\\S+?)[,:] ");

  private final Running supervisor;
  private final Path control;

  // Guarded by this. One for all questions, for a new one costs much more than an answer.
  private @Nullable PoolControl connection;
  private @Nullable Path connectedTo;

  PoolProcess(Running supervisor, Path control) {
    this.supervisor = supervisor;
    this.control = control;
    supervisor.atEnd(this::disconnect);
  }

  Running supervisor() {
    return supervisor;
  }

  Path control() {
    return control;
  }

  /** Where it listens; the first of several addresses. */
  String address() {
    Matcher matcher = READY.matcher(supervisor.err());
    if (!matcher.find()) {
      throw new IllegalStateException("not ready: " + supervisor.err());
    }
    return matcher.group(1);
  }

  void awaitReady() {
    await()
        .atMost(LIMIT)
        .until(
            () -> {
              if (READY.matcher(supervisor.err()).find()) {
                return true;
              }
              if (!supervisor.isAlive()) {
                throw new IllegalStateException("the supervisor ended: " + supervisor.err());
              }
              return false;
            });
  }

  ClutchClient client() {
    return ClutchClient.builder().servers(address()).timeout(LIMIT).build();
  }

  synchronized PoolStatus status() {
    try {
      // Another one where another supervisor has followed.
      Path now = control.toRealPath();
      if (connection == null || !now.equals(connectedTo)) {
        disconnect();
        connection = PoolControl.connect(control);
        connectedTo = now;
      }
      return connection.status();
    } catch (IOException e) {
      disconnect();
      throw new UncheckedIOException(e);
    }
  }

  private synchronized void disconnect() {
    if (connection != null) {
      connection.close();
      connection = null;
    }
  }

  /** Waits until the pool is as wanted. */
  PoolStatus awaitStatus(Predicate<PoolStatus> wanted) {
    // A supervisor that has just gone, for another one to follow, does not answer.
    return await()
        .atMost(LIMIT)
        .ignoreException(UncheckedIOException.class)
        .until(this::status, wanted);
  }

  /** Waits until so many children are ready and there are no others. */
  List<Long> awaitChildren(int count) {
    return awaitStatus(
            pool ->
                pool.getChildrenCount() == count
                    && pool.getChildrenList().stream()
                        .allMatch(child -> child.getState() == ChildStatus.State.READY))
        .getChildrenList()
        .stream()
        .map(ChildStatus::getProcessId)
        .toList();
  }

  ImmutableSet<Long> pids() {
    return status().getChildrenList().stream()
        .map(ChildStatus::getProcessId)
        .collect(ImmutableSet.toImmutableSet());
  }

  /** The processes that serve. */
  List<Long> readyPids() {
    return status().getChildrenList().stream()
        .filter(child -> child.getState() == ChildStatus.State.READY)
        .map(ChildStatus::getProcessId)
        .toList();
  }

  /** What happened of late, of one kind. */
  List<PoolEvent> events(PoolEvent.Kind kind) {
    return status().getRecentEventsList().stream()
        .filter(event -> event.getKind() == kind)
        .toList();
  }

  /** Sends TERM to the supervisor and waits for the end. */
  int stop() {
    return supervisor.stop();
  }
}
