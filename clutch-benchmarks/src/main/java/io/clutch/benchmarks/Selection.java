package io.clutch.benchmarks;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.collect.ImmutableSet.toImmutableSet;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import io.clutch.benchmarks.endtoend.Contestant;
import io.clutch.benchmarks.endtoend.Load;
import java.util.Arrays;
import java.util.List;

/** What is to be measured. */
record Selection(
    ImmutableSet<Contestant> contestants,
    ImmutableSet<Load> loads,
    boolean hasFairShare,
    boolean hasDurable) {

  static final String FAIR_SHARE = "fair-share";
  static final String DURABLE = "durable";

  /** What can be chosen, and what it is. */
  static ImmutableMap<String, String> names() {
    ImmutableMap.Builder<String, String> names = ImmutableMap.builder();
    for (Contestant contestant : Contestant.values()) {
      names.put(contestant.id(), contestant.description());
    }
    for (Load load : Load.values()) {
      names.put(load.id(), load.description());
    }
    return names
        .put(FAIR_SHARE, "short calls among long ones, beside one ideal queue")
        .put(DURABLE, "durable background calls beside ordinary ones")
        .buildOrThrow();
  }

  /**
   * What is named. Where only contestants are named, they get all loads; where only loads are
   * named, all contestants get them; nothing is everything.
   *
   * @throws IllegalArgumentException where there is nothing of a name
   */
  static Selection of(List<String> names) {
    for (String name : names) {
      checkArgument(
          names().containsKey(name),
          "'%s' is nothing to choose: want some of %s",
          name,
          String.join(", ", names().keySet()));
    }
    ImmutableSet<Contestant> contestants =
        Arrays.stream(Contestant.values())
            .filter(contestant -> names.contains(contestant.id()))
            .collect(toImmutableSet());
    ImmutableSet<Load> loads =
        Arrays.stream(Load.values())
            .filter(load -> names.contains(load.id()))
            .collect(toImmutableSet());
    boolean hasFairShare = names.isEmpty() || names.contains(FAIR_SHARE);
    boolean hasDurable = names.isEmpty() || names.contains(DURABLE);
    if (contestants.isEmpty() && loads.isEmpty() && !names.isEmpty()) {
      return new Selection(ImmutableSet.of(), ImmutableSet.of(), hasFairShare, hasDurable);
    }
    return new Selection(
        contestants.isEmpty() ? ImmutableSet.copyOf(Contestant.values()) : contestants,
        loads.isEmpty() ? ImmutableSet.copyOf(Load.values()) : loads,
        hasFairShare,
        hasDurable);
  }
}
