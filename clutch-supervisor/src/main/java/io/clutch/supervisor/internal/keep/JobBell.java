package io.clutch.supervisor.internal.keep;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Tells children that want durable background calls when some wait in the store. Owned by the
 * pool's thread.
 *
 * <p>A child looks into the store before it says that it wants some, and another's words about what
 * it has put there since may arrive first. So each child hears of a ring of the others: at once
 * where it wants some, else as soon as it says so, once for all that it has missed. It may find
 * nothing then, because another one was quicker.
 *
 * @param <C> a child
 */
final class JobBell<C> {

  private final Consumer<C> teller;
  private final Set<C> wanting = new LinkedHashSet<>();

  /** How many rings there had been when a child was told last. */
  private final Map<C, Long> heard = new HashMap<>();

  private long rings;

  /**
   * @param teller tells a child that there are some
   */
  JobBell(Consumer<C> teller) {
    this.teller = teller;
  }

  /** There are some that {@code ringer} has no room for. */
  void jobsWait(C ringer) {
    rings++;
    List<C> others = wanting.stream().filter(child -> !child.equals(ringer)).toList();
    others.forEach(this::tell);
  }

  /** A child has room, and found none. */
  void jobsWanted(C child) {
    if (heard.getOrDefault(child, 0L) < rings) {
      tell(child);
    } else {
      wanting.add(child);
    }
  }

  /** A child takes none any more. */
  void forget(C child) {
    wanting.remove(child);
    heard.remove(child);
  }

  private void tell(C child) {
    wanting.remove(child);
    heard.put(child, rings);
    teller.accept(child);
  }
}
