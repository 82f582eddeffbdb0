package io.clutch.durable.internal.engine;

import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/** Ids for jobs whose callers gave none: UUIDs of version 7 (RFC 9562), which grow with time. */
final class JobIds {

  private JobIds() {}

  static String next(long nowMillis) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    return new UUID(
            (nowMillis << 16) | 0x7000 | random.nextInt(0x1000),
            (random.nextLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L)
        .toString();
  }
}
