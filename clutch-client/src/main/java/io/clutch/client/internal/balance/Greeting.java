package io.clutch.client.internal.balance;

import io.clutch.protocol.PlaceHeaders;
import io.clutch.v1.DescribeResponse;
import org.jspecify.annotations.Nullable;

/**
 * What the process at the other end of a connection said of itself.
 *
 * @param process tells it from all others; null where it did not say
 * @param slot its place in its pool, from 1; 0 where it is alone
 * @param poolSize how many processes serve behind the same address; 0 where it did not say
 */
record Greeting(@Nullable String process, int slot, int poolSize) {

  /** Of a server that answers, but does not say who it is: some proxy, or no worker at all. */
  static final Greeting ANONYMOUS = new Greeting(null, 0, 0);

  static Greeting of(DescribeResponse description) {
    // Without an id, different processes would look like the same one.
    String process =
        description.getProcessId() == 0
            ? null
            : "%d@%d.%09d"
                .formatted(
                    description.getProcessId(),
                    description.getStartTime().getSeconds(),
                    description.getStartTime().getNanos());
    return new Greeting(
        process,
        description.getSlot(),
        Math.max(1, PlaceHeaders.plausible(description.getPoolSize())));
  }
}
