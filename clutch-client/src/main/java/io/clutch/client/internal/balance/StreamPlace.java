package io.clutch.client.internal.balance;

import com.google.common.collect.ImmutableList;
import io.grpc.CallOptions;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Where one call stream is: it travels with the RPC of the stream in its {@link CallOptions}, so
 * that the policy gives it a connection that has none. Under another policy than ours it is placed
 * nowhere. Thread-safe.
 */
public final class StreamPlace {

  /** Where the picker finds it. */
  public static final CallOptions.Key<StreamPlace> KEY =
      CallOptions.Key.create("clutch-stream-place");

  /** What hears of a stream's place, and says how many calls are there; on any thread. */
  public interface Stream {

    /** It has got a connection. */
    void placed();

    /** Its connection is used no more: further calls are to go elsewhere. */
    void retired();

    /** How many calls are under way on it. */
    int underWay();
  }

  private final Stream stream;

  /** Claimed, or taken; stays when the stream has left it. */
  private volatile @Nullable Connection connection;

  private volatile boolean inTurn;
  private volatile boolean placed;

  /**
   * @param stream is told of the place
   */
  public StreamPlace(Stream stream) {
    this.stream = stream;
  }

  /** Whether our policy has given it a connection. */
  public boolean isPlaced() {
    return placed;
  }

  /** Whether streams are to take turns, however many calls they have. */
  public boolean isInTurn() {
    return inTurn;
  }

  /** The other end has said something. */
  public void heard() {
    Connection taken = connection;
    if (taken != null) {
      taken.heard();
    }
  }

  /** The other end says how many processes there are. */
  public void heard(int poolSize) {
    Connection taken = connection;
    if (taken != null && poolSize >= 1) {
      taken.heard(poolSize);
    }
  }

  /** The stream has ended, or is about to: another one may take its place. */
  public void leave() {
    Connection taken = connection;
    if (taken != null) {
      taken.leave(this);
    }
  }

  /** The server that it leads to; null where that is not known. */
  public @Nullable String server() {
    Connection taken = connection;
    return taken == null ? null : taken.server().name();
  }

  /** Whether the call of that trail is to go elsewhere. */
  public boolean isAvoidedBy(CallTrail trail) {
    Connection taken = connection;
    return taken != null && trail.avoids(taken);
  }

  /** Notes in a trail that its call was here. */
  public void note(CallTrail trail, Collection<StreamPlace> among) {
    Connection taken = connection;
    if (taken != null) {
      ImmutableList.Builder<Connection> choices = ImmutableList.builder();
      for (StreamPlace place : among) {
        Connection other = place.connection;
        if (other != null) {
          choices.add(other);
        }
      }
      trail.took(taken, choices.build());
    }
  }

  int underWay() {
    return stream.underWay();
  }

  /** A connection without a stream; null where there is none. */
  @Nullable Connection pick(ImmutableList<Connection> among, Choice choice) {
    Connection claimed = connection;
    if (claimed != null && claimed.has(this)) {
      if (among.contains(claimed)) {
        return claimed;
      }
      claimed.leave(this);
    }
    for (Connection free : among) {
      if (free.claim(this)) {
        inTurn = choice == Choice.ROTATION;
        connection = free;
        return free;
      }
    }
    return null;
  }

  /** The RPC begins there. */
  void begin(Connection on) {
    connection = on;
    placed = true;
    stream.placed();
    if (!on.has(this)) {
      // It was picked a moment before the connection fell out of use.
      stream.retired();
    }
  }

  /** Where the RPC has not begun, it just gets another connection. */
  void retire() {
    if (placed) {
      stream.retired();
    }
  }
}
