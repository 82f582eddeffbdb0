package io.clutch.benchmarks.fairshare;

import io.clutch.benchmarks.load.Done;

/** Calls {@code sleep}. Thread-safe. */
interface ShareClient extends AutoCloseable {

  void sleep(int millis, Done done);

  @Override
  void close();
}
