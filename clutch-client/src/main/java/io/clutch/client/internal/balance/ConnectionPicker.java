package io.clutch.client.internal.balance;

import com.google.common.collect.ImmutableList;
import io.grpc.LoadBalancer.PickResult;
import io.grpc.LoadBalancer.PickSubchannelArgs;
import io.grpc.LoadBalancer.SubchannelPicker;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Gives each call, and each call stream, one of the usable connections. Immutable but for whose
 * turn it is.
 */
final class ConnectionPicker extends SubchannelPicker {

  private final ImmutableList<Connection> connections;
  private final Choice choice;
  private final AtomicInteger turn;
  private final boolean moreToCome;

  /**
   * @param connections at least one
   * @param turn whose turn it is; shared with the pickers before and after this one
   * @param moreToCome whether there will be more connections in a moment, for which calls wait
   *     rather than share one
   */
  ConnectionPicker(
      ImmutableList<Connection> connections,
      Choice choice,
      AtomicInteger turn,
      boolean moreToCome) {
    this.connections = connections;
    this.choice = choice;
    this.turn = turn;
    this.moreToCome = moreToCome;
  }

  @Override
  public PickResult pickSubchannel(PickSubchannelArgs args) {
    CallTrail trail = args.getCallOptions().getOption(CallTrail.KEY);
    StreamPlace place = args.getCallOptions().getOption(StreamPlace.KEY);
    if (place != null) {
      return pick(place, trail);
    }
    Connection picked = pick(trail);
    if (picked == null) {
      // Whoever refused before may take it now.
      picked = pick(null);
    }
    if (picked == null || (moreToCome && picked.inFlight() > 0)) {
      if (trail != null) {
        trail.waitsFor("connecting to more processes");
      }
      return PickResult.withNoResult();
    }
    if (trail != null) {
      trail.took(picked, connections);
    }
    return picked.result();
  }

  /** One stream for each connection: a further one waits for a further connection. */
  private PickResult pick(StreamPlace place, @Nullable CallTrail trail) {
    Connection free = place.pick(connections, choice);
    if (free == null) {
      if (trail != null) {
        trail.waitsFor("waits for a process to say how many calls it takes");
      }
      return PickResult.withNoResult();
    }
    return free.result();
  }

  /** The one whose turn it is among the best. */
  private @Nullable Connection pick(@Nullable CallTrail trail) {
    int fewest = Integer.MAX_VALUE;
    int equals = 0;
    for (Connection connection : connections) {
      if (trail == null || !trail.avoids(connection)) {
        int load = load(connection);
        if (load < fewest) {
          fewest = load;
          equals = 1;
        } else if (load == fewest) {
          equals++;
        }
      }
    }
    return equals == 0 ? null : find(trail, fewest, Math.floorMod(turn.getAndIncrement(), equals));
  }

  /** Counts change meanwhile: the last one that will do, where there are not so many any more. */
  private @Nullable Connection find(@Nullable CallTrail trail, int load, int skipped) {
    Connection other = null;
    int left = skipped;
    for (Connection connection : connections) {
      if (trail == null || !trail.avoids(connection)) {
        boolean isEqual = load(connection) <= load;
        if (isEqual && left-- == 0) {
          return connection;
        }
        other = isEqual || other == null ? connection : other;
      }
    }
    return other;
  }

  private int load(Connection connection) {
    return choice == Choice.ROTATION ? 0 : connection.inFlight();
  }
}
