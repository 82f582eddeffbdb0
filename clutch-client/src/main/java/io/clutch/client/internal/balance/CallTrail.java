package io.clutch.client.internal.balance;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import io.grpc.CallOptions;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the attempts of one call have been, so that the next goes elsewhere. It travels with each
 * of them in its {@link CallOptions}; under other policies than ours it stays empty.
 *
 * <p>One attempt is under way at a time; what one thread writes the next one sees.
 */
public final class CallTrail {

  /** Where the picker finds it. */
  public static final CallOptions.Key<CallTrail> KEY = CallOptions.Key.create("clutch-call-trail");

  private record ProcessOf(Server server, String name) {}

  /** Null before the first one. */
  private volatile @Nullable Attempt attempt;

  /** Processes, connections and servers. */
  private volatile ImmutableSet<Object> avoided = ImmutableSet.of();

  private volatile ImmutableList<Connection> choices = ImmutableList.of();
  private volatile @Nullable Connection taken;
  private volatile @Nullable String obstacle;

  /** Another attempt begins. */
  public Attempt newAttempt() {
    Attempt next = new Attempt();
    attempt = next;
    return next;
  }

  /** The attempt under way. */
  Attempt attempt() {
    Attempt underWay = attempt;
    return underWay == null ? newAttempt() : underWay;
  }

  /** The process that had the last attempt is to be left out: it does not take calls now. */
  public void avoidProcess() {
    Connection last = taken;
    if (last != null) {
      avoid(place(last));
    }
  }

  /** The server that had the last attempt is to be left out: it may have died altogether. */
  public void avoidServer() {
    Connection last = taken;
    if (last != null) {
      avoid(last.server());
    }
  }

  /** Nothing is to be left out any more. */
  public void avoidNothing() {
    avoided = ImmutableSet.of();
  }

  /** Whether there was, at the last attempt, another process that is not to be left out. */
  public boolean hasOther() {
    return choices.stream().anyMatch(connection -> !avoids(connection));
  }

  /** The server that has, or had, the last attempt; empty where that is not known. */
  public Optional<String> server() {
    Connection last = taken;
    return last == null ? Optional.empty() : Optional.of(last.server().name());
  }

  /** What the last attempt waits for, or waited for; empty where it was given to a connection. */
  public Optional<String> obstacle() {
    return Optional.ofNullable(obstacle);
  }

  /** Where a call on it is run: other connections may lead there, too. */
  private static Object place(Connection connection) {
    String process = connection.process();
    return process == null ? connection : new ProcessOf(connection.server(), process);
  }

  private void avoid(Object place) {
    avoided = ImmutableSet.builder().addAll(avoided).add(place).build();
  }

  boolean avoids(Connection connection) {
    ImmutableSet<Object> places = avoided;
    if (places.isEmpty()) {
      return false;
    }
    return places.contains(place(connection)) || places.contains(connection.server());
  }

  void took(Connection connection, ImmutableList<Connection> among) {
    taken = connection;
    choices = among;
    obstacle = null;
  }

  /** There is no connection for it yet. */
  public void waitsFor(String what) {
    taken = null;
    choices = ImmutableList.of();
    obstacle = what;
  }
}
