package io.clutch.supervisor.internal.control;

import io.clutch.v1.AttachResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;

/** What the supervisor says to one attached child. Used by the pool's thread only. */
public final class ChildStream {

  private final ServerCallStreamObserver<AttachResponse> stream;
  private boolean ended;

  ChildStream(ServerCallStreamObserver<AttachResponse> stream) {
    this.stream = stream;
  }

  /** Answers Hello. */
  public void welcome(AttachResponse.Welcome welcome) {
    send(AttachResponse.newBuilder().setWelcome(welcome));
  }

  /** Asks it to finish its calls. */
  public void drain(Duration atMost) {
    send(
        AttachResponse.newBuilder()
            .setDrain(
                AttachResponse.Drain.newBuilder()
                    .setAtMost(io.clutch.protocol.Durations.toProto(atMost))));
  }

  /** Tells it that the pool was resized. */
  public void poolSize(int size) {
    send(
        AttachResponse.newBuilder()
            .setPoolSize(AttachResponse.PoolSize.newBuilder().setPoolSize(size)));
  }

  /** Tells it where its siblings take calls. */
  public void siblings(Iterable<String> sockets) {
    send(
        AttachResponse.newBuilder()
            .setSiblings(AttachResponse.Siblings.newBuilder().addAllSockets(sockets)));
  }

  /** Tells it that there are durable background calls in the store. */
  public void jobsWait() {
    send(AttachResponse.newBuilder().setJobsWait(AttachResponse.JobsWait.getDefaultInstance()));
  }

  /** Tells it that the process of another child has ended. */
  public void childGone(AttachResponse.ChildGone gone) {
    send(AttachResponse.newBuilder().setChildGone(gone));
  }

  /** Turns it away. */
  public void refuse(Status status) {
    ended = true;
    stream.onError(status.asRuntimeException());
  }

  /** Answers its end. */
  public void complete() {
    if (!ended) {
      ended = true;
      stream.onCompleted();
    }
  }

  private void send(AttachResponse.Builder message) {
    if (!ended) {
      stream.onNext(message.build());
    }
  }
}
