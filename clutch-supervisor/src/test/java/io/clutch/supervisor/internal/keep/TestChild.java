package io.clutch.supervisor.internal.keep;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.process.UnixSockets;
import io.clutch.protocol.Durations;
import io.clutch.v1.AttachRequest;
import io.clutch.v1.AttachResponse;
import io.clutch.v1.AttachResponse.MessageCase;
import io.clutch.v1.SupervisorGrpc;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** Says to a supervisor what a child would, in the name of a process of its pool. */
final class TestChild implements AutoCloseable, StreamObserver<AttachResponse> {

  private static final long PATIENCE_SECONDS = 20;

  private final int slot;
  private final long generation;
  private final Path descriptorSocket;
  private final ServerSocketChannel descriptors;
  private final ManagedChannel channel;
  private final StreamObserver<AttachRequest> requests;
  private final BlockingQueue<AttachResponse> received = new LinkedBlockingQueue<>();

  /** Attaches, and waits for the supervisor's welcome. */
  TestChild(Path controlSocket, EventLoopGroup loops, int slot, long generation, long pid)
      throws Exception {
    this.slot = slot;
    this.generation = generation;
    descriptorSocket = Files.createTempDirectory("clutch-test").resolve("descriptors.sock");
    descriptors = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    descriptors.bind(UnixDomainSocketAddress.of(descriptorSocket));
    channel = UnixSockets.channel(controlSocket, loops);
    requests = SupervisorGrpc.newStub(channel).attach(this);
    send(
        AttachRequest.newBuilder()
            .setHello(
                AttachRequest.Hello.newBuilder()
                    .setSlot(slot)
                    .setGeneration(generation)
                    .setProcessId(pid)));
    await(MessageCase.WELCOME);
  }

  void ready() {
    send(
        AttachRequest.newBuilder()
            .setReady(
                AttachRequest.Ready.newBuilder()
                    .setDescriptorSocket(descriptorSocket.toString())
                    .setGracefulTimeout(Durations.toProto(Duration.ofSeconds(10)))
                    .setConcurrency(1)));
  }

  void jobsWait() {
    send(AttachRequest.newBuilder().setJobsWait(AttachRequest.JobsWait.getDefaultInstance()));
  }

  void jobsWanted() {
    send(AttachRequest.newBuilder().setJobsWanted(AttachRequest.JobsWanted.getDefaultInstance()));
  }

  private void send(AttachRequest.Builder message) {
    requests.onNext(message.build());
  }

  /** The next message of that kind. */
  AttachResponse await(MessageCase kind) throws InterruptedException {
    List<AttachResponse> all = awaitAll(kind);
    return all.get(all.size() - 1);
  }

  /** All messages up to the next one of that kind. */
  List<AttachResponse> awaitAll(MessageCase kind) throws InterruptedException {
    List<AttachResponse> messages = new ArrayList<>();
    while (true) {
      AttachResponse message = received.poll(PATIENCE_SECONDS, SECONDS);
      assertThat(message)
          .as("%s for child %s (generation %s), after %s", kind, slot, generation, messages)
          .isNotNull();
      messages.add(message);
      if (message.getMessageCase() == kind) {
        return messages;
      }
    }
  }

  @Override
  public void onNext(AttachResponse message) {
    received.add(message);
  }

  @Override
  public void onError(Throwable lost) {
    // As it goes when a child's process has ended.
  }

  @Override
  public void onCompleted() {
    // As above.
  }

  @Override
  public void close() throws IOException, InterruptedException {
    channel.shutdownNow();
    assertThat(channel.awaitTermination(PATIENCE_SECONDS, SECONDS)).isTrue();
    descriptors.close();
    Files.delete(descriptorSocket);
    Files.delete(descriptorSocket.getParent());
  }
}
