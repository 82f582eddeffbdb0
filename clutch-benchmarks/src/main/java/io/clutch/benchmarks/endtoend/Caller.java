package io.clutch.benchmarks.endtoend;

import com.google.protobuf.ByteString;
import io.clutch.benchmarks.load.Operation;

/** Calls a server in one way. Thread-safe. */
interface Caller extends AutoCloseable {

  /** A call that brings the bytes back. */
  Operation echo(ByteString bytes);

  /** A background call, which has ended when it is accepted. */
  Operation enqueue(ByteString bytes);

  @Override
  void close();
}
