package io.clutch.testing;

import static java.util.Objects.requireNonNull;

import io.clutch.worker.Worker;
import io.grpc.ForwardingServerBuilder;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A worker that runs, over gRPC's in-process transport, from its start to its loss. */
final class InProcessWorker {

  private final Worker worker;
  private final Server server;
  private final ArrivalFaults arrivals;
  private final UnderWay underWay;

  private InProcessWorker(Worker worker, Server server, ArrivalFaults arrivals, UnderWay underWay) {
    this.worker = worker;
    this.server = server;
    this.arrivals = arrivals;
    this.underWay = underWay;
  }

  /**
   * Starts it.
   *
   * @param server where its requests come to
   * @param underWay counts what it does
   */
  static InProcessWorker start(
      Worker worker, ServerBuilder<?> server, ArrivalFaults arrivals, UnderWay underWay) {
    KeptServer kept = new KeptServer(server.intercept(arrivals));
    try {
      worker.start(kept);
    } catch (IOException e) {
      throw new IllegalStateException("the worker cannot be started: " + e.getMessage(), e);
    }
    return new InProcessWorker(worker, requireNonNull(kept.built), arrivals, underWay);
  }

  UnderWay underWay() {
    return underWay;
  }

  /** Makes room for a successor: no answer leaves any more, new calls don't find it. */
  void leave() {
    arrivals.mute();
    server.shutdown();
  }

  /** Breaks its connections: its callers learn that it is lost, and it that they are. */
  void breakConnections() {
    leave();
    server.shutdownNow();
  }

  /** Interrupts what runs, drops what waits, and ends its threads. */
  void end() {
    worker.close();
  }

  /** Keeps hold of the server that the worker makes of it. */
  private static final class KeptServer extends ForwardingServerBuilder<KeptServer> {
    private final ServerBuilder<?> delegate;
    private @Nullable Server built;

    private KeptServer(ServerBuilder<?> delegate) {
      this.delegate = delegate;
    }

    @Override
    protected ServerBuilder<?> delegate() {
      return delegate;
    }

    @Override
    public Server build() {
      Server server = super.build();
      built = server;
      return server;
    }
  }
}
