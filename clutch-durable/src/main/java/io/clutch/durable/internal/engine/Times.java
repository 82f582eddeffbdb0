package io.clutch.durable.internal.engine;

import com.google.protobuf.Timestamp;

/** Between milliseconds since 1970 and protobuf's times. */
final class Times {

  private Times() {}

  static Timestamp toProto(long millis) {
    return Timestamp.newBuilder()
        .setSeconds(Math.floorDiv(millis, 1_000))
        .setNanos(Math.floorMod(millis, 1_000) * 1_000_000)
        .build();
  }

  /** Rounded down, and bounded to what a long holds. */
  static long fromProto(Timestamp time) {
    long seconds = Math.max(-62_135_596_800L, Math.min(253_402_300_799L, time.getSeconds()));
    return seconds * 1_000 + time.getNanos() / 1_000_000;
  }
}
