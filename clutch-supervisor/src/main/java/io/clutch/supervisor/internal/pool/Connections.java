package io.clutch.supervisor.internal.pool;

import com.google.common.collect.HashMultiset;
import com.google.common.collect.Multiset;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** The connections that one child has, by number and by the host they come from. */
public final class Connections {

  private final Map<Long, String> hosts = new HashMap<>();
  private final Multiset<String> counts = HashMultiset.create();
  private long given;
  private long lastGivenAt;

  /**
   * The child that a connection from {@code host} goes to: that with the fewest connections from
   * there, then with the fewest in all, then the one that was given none for the longest time.
   */
  public static <C> Optional<C> choose(
      Collection<C> ready, Function<C, Connections> connections, String host) {
    Comparator<C> fewestFromHost = comparing(connections, own -> own.counts.count(host));
    return ready.stream()
        .min(
            fewestFromHost
                .thenComparing(comparing(connections, own -> own.hosts.size()))
                .thenComparing(comparing(connections, own -> own.lastGivenAt)));
  }

  private static <C> Comparator<C> comparing(
      Function<C, Connections> connections, ToLongFunction<Connections> key) {
    return Comparator.comparingLong(child -> key.applyAsLong(connections.apply(child)));
  }

  /**
   * The child is given one more.
   *
   * @param turn counts all connections that the pool is given
   * @return its number, from 1
   */
  public long add(String host, long turn) {
    given++;
    hosts.put(given, host);
    counts.add(host);
    lastGivenAt = turn;
    return given;
  }

  /** One has ended; numbers that are not known are passed over. */
  public void remove(long number) {
    String host = hosts.remove(number);
    if (host != null) {
      counts.remove(host);
    }
  }

  /** How many are open. */
  public int size() {
    return hosts.size();
  }
}
