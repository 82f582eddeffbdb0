package io.clutch.benchmarks.endtoend;

import com.google.protobuf.ByteString;
import org.jspecify.annotations.Nullable;

/** What an echo should be. */
final class Echoes {

  private Echoes() {}

  /** What is wrong with an answer; null where nothing is. */
  static @Nullable Throwable check(ByteString sent, @Nullable ByteString answer) {
    return answer != null && answer.size() == sent.size()
        ? null
        : new IllegalStateException("the answer is not what was sent");
  }
}
