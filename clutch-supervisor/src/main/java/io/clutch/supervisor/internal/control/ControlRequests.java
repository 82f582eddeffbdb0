package io.clutch.supervisor.internal.control;

import io.clutch.v1.AttachRequest;
import io.clutch.v1.PoolStatus;
import io.clutch.v1.WatchResponse;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.function.Consumer;

/** What comes in over the control socket. Called on the network's threads; returns at once. */
public interface ControlRequests {

  /** A child presents itself. */
  void attach(AttachRequest.Hello hello, ChildStream stream);

  /** An attached child says something. */
  void received(ChildStream stream, AttachRequest message);

  /** An attached child's stream has ended, one way or the other. */
  void ended(ChildStream stream);

  /** Someone wants to know how the pool is. */
  void status(Consumer<PoolStatus> answer);

  /** Someone wants to see what happens. */
  void watch(ServerCallStreamObserver<WatchResponse> watcher);

  /** Someone wants all children replaced. */
  void restart(Follower follower);

  /** Someone wants another number of children. */
  void scale(int size, Follower follower);

  /** Someone wants the pool to end. */
  void stop(Follower follower);
}
