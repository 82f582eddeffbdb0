package io.clutch.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.process.UnixSockets;
import io.clutch.protocol.Durations;
import io.clutch.v1.AttachRequest;
import io.clutch.v1.AttachRequest.MessageCase;
import io.clutch.v1.AttachResponse;
import io.clutch.v1.AttachResponse.Drain;
import io.clutch.v1.AttachResponse.PoolSize;
import io.clutch.v1.AttachResponse.Welcome;
import io.clutch.v1.SupervisorGrpc;
import io.clutch.worker.internal.sockets.Handover;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A supervisor of one child, as far as the child sees it. */
final class FakeSupervisor implements AutoCloseable {

  private static final long PATIENCE_SECONDS = 20;

  private final EventLoopGroup loops = UnixSockets.eventLoops("test-supervisor", 1);
  private final BlockingQueue<AttachRequest> received = new LinkedBlockingQueue<>();
  private final CompletableFuture<StreamObserver<AttachResponse>> child = new CompletableFuture<>();
  private final CompletableFuture<Void> childEnded = new CompletableFuture<>();
  private final Path socket;
  private final Server server;

  private final Welcome.Builder welcome =
      Welcome.newBuilder()
          .setHeartbeatInterval(Durations.toProto(Duration.ofMillis(20)))
          .setKillGrace(Durations.toProto(Duration.ofSeconds(5)))
          .setPoolSize(4)
          .addAddresses("127.0.0.1:9501");

  private volatile @Nullable Status refusal;

  FakeSupervisor(Path socket) throws IOException {
    this.socket = socket;
    server = UnixSockets.server(socket, loops).addService(new Service()).build().start();
  }

  Path socket() {
    return socket;
  }

  /** What it answers to a child that presents itself; to be changed before. */
  Welcome.Builder welcome() {
    return welcome;
  }

  /** From now on it wants no child. */
  void refuse(Status why) {
    refusal = why;
  }

  /** The next message of that kind; others are passed over. */
  AttachRequest await(MessageCase kind) throws InterruptedException {
    while (true) {
      AttachRequest message = received.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      assertThat(message).as("%s from the child", kind).isNotNull();
      if (message.getMessageCase() == kind) {
        return message;
      }
    }
  }

  /** Whether a message of that kind has come since the last one that was awaited. */
  boolean hasReceived(MessageCase kind) {
    return received.stream().anyMatch(message -> message.getMessageCase() == kind);
  }

  /** Waits until the child is ready, and begins to hand it connections. */
  Handover awaitReady() throws IOException, InterruptedException {
    return new Handover(Path.of(await(MessageCase.READY).getReady().getDescriptorSocket()));
  }

  void drain(Duration atMost) {
    child
        .join()
        .onNext(
            AttachResponse.newBuilder()
                .setDrain(Drain.newBuilder().setAtMost(Durations.toProto(atMost)))
                .build());
  }

  void poolSize(int size) {
    child
        .join()
        .onNext(
            AttachResponse.newBuilder()
                .setPoolSize(PoolSize.newBuilder().setPoolSize(size))
                .build());
  }

  void siblings(Iterable<String> sockets) {
    child
        .join()
        .onNext(
            AttachResponse.newBuilder()
                .setSiblings(AttachResponse.Siblings.newBuilder().addAllSockets(sockets))
                .build());
  }

  void jobsWait() {
    child
        .join()
        .onNext(
            AttachResponse.newBuilder()
                .setJobsWait(AttachResponse.JobsWait.getDefaultInstance())
                .build());
  }

  void childGone(int slot, long generation, long processId, String how) {
    child
        .join()
        .onNext(
            AttachResponse.newBuilder()
                .setChildGone(
                    AttachResponse.ChildGone.newBuilder()
                        .setSlot(slot)
                        .setGeneration(generation)
                        .setProcessId(processId)
                        .setHow(how))
                .build());
  }

  /** It goes away without a word. */
  void vanish() {
    server.shutdownNow();
  }

  /** Waits until the child has ended its stream in good order. */
  void awaitChildEnded() throws Exception {
    childEnded.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws InterruptedException {
    assertThat(server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    UnixSockets.stop(loops);
  }

  private final class Service extends SupervisorGrpc.SupervisorImplBase {
    @Override
    public StreamObserver<AttachRequest> attach(StreamObserver<AttachResponse> responses) {
      return new StreamObserver<>() {
        @Override
        public void onNext(AttachRequest message) {
          received.add(message);
          if (!message.hasHello()) {
            return;
          }
          Status why = refusal;
          if (why != null) {
            responses.onError(why.asRuntimeException());
          } else {
            responses.onNext(AttachResponse.newBuilder().setWelcome(welcome).build());
            child.complete(responses);
          }
        }

        @Override
        public void onError(Throwable lost) {
          childEnded.completeExceptionally(lost);
        }

        @Override
        public void onCompleted() {
          responses.onCompleted();
          childEnded.complete(null);
        }
      };
    }
  }
}
