package io.clutch.worker;

import com.google.common.collect.ImmutableList;
import io.clutch.worker.internal.sockets.Network;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Where a worker's connections come from. */
interface ConnectionSource {

  /**
   * The server, to be completed and built.
   *
   * @param network what holds for its connections
   */
  ServerBuilder<?> builder(Network network);

  /** Where it is to be found, for people; empty where the worker's options say it. */
  default Optional<String> name() {
    return Optional.empty();
  }

  /** Where siblings bring calls; empty where there are none. */
  default Optional<SiblingSocket> siblings() {
    return Optional.empty();
  }

  /**
   * The server serves: begins to bring it connections.
   *
   * @throws IOException where that is not possible; the message says why
   */
  void open(Server server) throws IOException;

  /** Where clients find this worker; empty before it is open. */
  ImmutableList<String> addresses();

  /**
   * Brings no further connections, and waits until the server knows those it was brought well
   * enough to say good-bye to them.
   */
  void close(Duration atMost) throws InterruptedException;

  /** Gives back what it holds, when the server has ended. */
  void release();
}
