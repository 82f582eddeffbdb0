package io.clutch.durable.internal.postgres;

import io.clutch.durable.internal.store.Start;
import org.jspecify.annotations.Nullable;

/** When a job may run, as columns. */
final class Times {

  private Times() {}

  static @Nullable Long due(Start start) {
    return start.isNow() ? null : Long.valueOf(start.dueMillis());
  }

  static @Nullable Long delay(Start start) {
    return start.delayMillis() == 0 ? null : Long.valueOf(start.delayMillis());
  }
}
