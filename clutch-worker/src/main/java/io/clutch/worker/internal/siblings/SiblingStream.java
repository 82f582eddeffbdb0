package io.clutch.worker.internal.siblings;

import static java.util.Objects.requireNonNull;

import com.google.common.base.Throwables;
import io.clutch.process.UnixSockets;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.protocol.stream.BatchWriter;
import io.clutch.protocol.stream.Item;
import io.clutch.protocol.stream.LongPayload;
import io.clutch.protocol.stream.Parts;
import io.clutch.v1.CallStreamRequest;
import io.clutch.v1.CallStreamResponse;
import io.clutch.v1.WorkerGrpc;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The call stream to one sibling, in the role of a client. Owned by the thread of its connection.
 */
final class SiblingStream implements ClientResponseObserver<CallStreamRequest, CallStreamResponse> {

  private final Siblings home;
  private final String socket;
  private final EventLoop thread;
  private final ManagedChannel channel;
  private final SentCalls sent = new SentCalls();

  private @Nullable ClientCallStreamObserver<CallStreamRequest> requests;
  private @Nullable BatchWriter<CallStreamRequest.Builder, CallStreamRequest> writer;

  /** How many calls the sibling may have; the last word. */
  private int permits;

  /** Calls that are still to be written. */
  private int unwritten;

  /** How many calls the sibling believes to wait here. */
  private int believed;

  private boolean prompted;
  private boolean finishing;
  private boolean ended;

  private SiblingStream(Siblings home, String socket, EventLoop thread, ManagedChannel channel) {
    this.home = home;
    this.socket = socket;
    this.thread = thread;
    this.channel = channel;
  }

  /** Opens one; null where that is not possible. */
  static @Nullable SiblingStream open(Siblings home, String socket, EventLoop thread) {
    ManagedChannel channel;
    try {
      channel = UnixSockets.channel(Path.of(socket), thread);
    } catch (IOException e) {
      Siblings.log.warn("a sibling cannot be reached: {}", e.toString());
      return null;
    }
    SiblingStream stream = new SiblingStream(home, socket, thread, channel);
    // It outlives the call that it is opened for.
    Context previous = Context.ROOT.attach();
    try {
      var unused = WorkerGrpc.newStub(channel).callStream(stream);
    } finally {
      Context.ROOT.detach(previous);
    }
    return stream;
  }

  String socket() {
    return socket;
  }

  boolean isOver() {
    return ended;
  }

  /** How many more calls it may be given. */
  int free() {
    return finishing || ended ? 0 : Math.max(0, permits - sent.size() - unwritten);
  }

  /** Has it run a call. */
  void give(HandedCall call) {
    unwritten++;
    writer().add(new CallItem(call));
  }

  /** Tells it how many calls wait here, where that is news. */
  void tellWaiting(int calls) {
    boolean isNews = (calls > 0) != (believed > 0);
    if (isNews && !prompted && !finishing && !ended) {
      prompted = true;
      writer().add(new Small(message -> {}));
    }
  }

  /** Gives it no further calls; the stream ends when it has answered those that it has. */
  void finish() {
    if (!finishing && !ended) {
      finishing = true;
      writer().finishWhen(() -> sent.size() == 0);
    }
  }

  /** Ends it at once. */
  void cancel(String why) {
    if (!ended) {
      end(Status.CANCELLED.withDescription(why));
      requireNonNull(requests).cancel(why, null);
    }
  }

  private BatchWriter<CallStreamRequest.Builder, CallStreamRequest> writer() {
    return requireNonNull(writer);
  }

  private CallStreamRequest build(CallStreamRequest.Builder message) {
    prompted = false;
    int waiting = home.announce();
    if (waiting != believed) {
      believed = waiting;
      message.setWaiting(waiting);
    }
    return message.build();
  }

  private @Nullable Parts write(HandedCall call, CallStreamRequest.Builder message) {
    unwritten--;
    long left = call.nanosLeft();
    if (finishing || left <= 0 || call.isCancelled()) {
      call.back(left <= 0);
      return null;
    }
    // The sibling counts in the same way.
    believed = Math.max(0, believed - 1);
    Parts parts = sent.write(call, left, message.addCallsBuilder());
    long id = sent.lastId();
    call.whenCancelled(() -> home.run(() -> tellCancelled(id)));
    return parts;
  }

  private void tellCancelled(long id) {
    if (sent.has(id) && !ended) {
      sent.stop(id);
      writer().add(new Small(message -> message.addCancelled(id)));
    }
  }

  // What gRPC says.

  @Override
  public void beforeStart(ClientCallStreamObserver<CallStreamRequest> stream) {
    requests = stream;
    writer =
        new BatchWriter<>(
            stream,
            new BatchWriter.Format<>(
                CallStreamRequest::newBuilder, CallStreamRequest.Builder::addParts, this::build),
            thread);
    stream.disableAutoRequestWithInitial(Integer.MAX_VALUE);
    stream.setOnReadyHandler(() -> home.run(() -> writer().flush()));
  }

  @Override
  public void onNext(CallStreamResponse message) {
    home.run(() -> take(message));
  }

  @Override
  public void onError(Throwable failure) {
    home.run(() -> end(Status.fromThrowable(failure)));
  }

  @Override
  public void onCompleted() {
    home.run(() -> end(Status.UNAVAILABLE.withDescription("it has ended the stream")));
  }

  private void take(CallStreamResponse message) {
    if (ended) {
      return;
    }
    if (message.getDraining()) {
      finish();
    }
    // Before calls come back, which may be for this sibling again.
    if (message.hasPermits()) {
      permits = message.getPermits() < 0 ? Integer.MAX_VALUE : message.getPermits();
    }
    try {
      sent.take(message);
    } catch (IllegalArgumentException e) {
      Siblings.log.warn("a sibling breaks the protocol of call streams: {}", e.getMessage());
      cancel("it broke the protocol of call streams");
      return;
    }
    if (finishing) {
      writer().schedule();
    }
    home.look();
  }

  private void end(Status status) {
    if (ended) {
      return;
    }
    ended = true;
    for (Item<CallStreamRequest.Builder> item : writer().end()) {
      if (item instanceof CallItem unsent) {
        unsent.call.back(false);
      }
    }
    if (sent.size() > 0) {
      sent.lost(
          ClutchException.builder(
                  Reason.UNAVAILABLE,
                  Started.UNKNOWN,
                  "the process of the pool that the call was handed over to was lost while the call"
                      + " was under way (%s)".formatted(text(status)))
              .build());
    }
    ManagedChannel unused = channel.shutdownNow();
    home.ended(this);
  }

  private static String text(Status status) {
    Throwable cause = status.getCause();
    String description =
        status.getDescription() == null ? status.getCode().name() : status.getDescription();
    return cause == null
        ? description
        : description + ": " + Throwables.getRootCause(cause).getMessage();
  }

  /** A call that is to be written. */
  private final class CallItem implements Item<CallStreamRequest.Builder> {
    private final HandedCall call;

    private CallItem(HandedCall call) {
      this.call = call;
    }

    @Override
    public int size() {
      return LongPayload.isLong(call.argument()) ? 64 : 64 + call.argument().getSerializedSize();
    }

    @Override
    public @Nullable Parts writeTo(CallStreamRequest.Builder message) {
      return write(call, message);
    }
  }

  /** Something small. */
  private record Small(Consumer<CallStreamRequest.Builder> writer)
      implements Item<CallStreamRequest.Builder> {
    @Override
    public int size() {
      return 8;
    }

    @Override
    public @Nullable Parts writeTo(CallStreamRequest.Builder message) {
      writer.accept(message);
      return null;
    }
  }
}
