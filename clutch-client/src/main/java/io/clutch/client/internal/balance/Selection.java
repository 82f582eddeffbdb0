package io.clutch.client.internal.balance;

import com.google.common.collect.HashMultiset;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.Multiset;
import com.google.common.math.IntMath;
import java.math.RoundingMode;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * Which connections are used: as many to each process as to any other.
 *
 * @param usable those that calls may take
 * @param spare the rest of those that could be
 */
record Selection(ImmutableList<Connection> usable, ImmutableList<Connection> spare) {

  /**
   * Selects.
   *
   * @param connections all there are, the oldest first
   * @param target how many there should be
   * @param poolSize how many processes there are
   */
  static Selection of(Collection<Connection> connections, int target, int poolSize) {
    int perProcess = IntMath.divide(target, poolSize, RoundingMode.CEILING);
    Multiset<String> processes = HashMultiset.create();
    ImmutableList.Builder<Connection> usable = ImmutableList.builder();
    ImmutableList.Builder<Connection> spare = ImmutableList.builder();
    // What a pool that shrank has no place for any more comes last.
    List<Connection> greeted =
        connections.stream()
            .filter(connection -> connection.state() == Connection.State.GREETED)
            .sorted(Comparator.comparing(connection -> connection.slot() > poolSize))
            .toList();
    int left = target;
    for (Connection connection : greeted) {
      String process = connection.process();
      if (left > 0 && (process == null || processes.count(process) < perProcess)) {
        usable.add(connection);
        left--;
        if (process != null) {
          processes.add(process);
        }
      } else {
        spare.add(connection);
      }
    }
    return new Selection(usable.build(), spare.build());
  }
}
