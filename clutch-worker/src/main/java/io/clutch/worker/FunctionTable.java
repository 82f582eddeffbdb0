package io.clutch.worker;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedMap;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;

/** The functions of a worker, by name. Immutable. */
final class FunctionTable {

  private final ImmutableSortedMap<String, FunctionDefinition> byName;

  FunctionTable(ImmutableSortedMap<String, FunctionDefinition> byName) {
    this.byName = byName;
  }

  /** Every function, ordered by name. */
  ImmutableCollection<FunctionDefinition> all() {
    return byName.values();
  }

  /** Every name, in order. */
  ImmutableSet<String> names() {
    return byName.keySet();
  }

  /**
   * The function of that name.
   *
   * @throws ClutchException FUNCTION_NOT_FOUND, with the names that exist
   */
  FunctionDefinition get(String name) {
    FunctionDefinition found = byName.get(name);
    if (found == null) {
      throw notFound(name);
    }
    return found;
  }

  private ClutchException notFound(String name) {
    String names = String.join(", ", byName.keySet());
    String message =
        "there is no function '%s' here; there is: %s"
            .formatted(name, names.isEmpty() ? "none" : names);
    return ClutchException.builder(Reason.FUNCTION_NOT_FOUND, Started.NO, message)
        .detail(ClutchException.FUNCTION, name)
        .detail("functions", names)
        .build();
  }
}
