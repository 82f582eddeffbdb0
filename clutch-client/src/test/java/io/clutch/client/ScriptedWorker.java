package io.clutch.client;

import com.google.common.collect.ImmutableList;
import com.google.protobuf.ByteString;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.ErrorStatus;
import io.clutch.protocol.ServerAddress;
import io.clutch.v1.Acceptance;
import io.clutch.v1.CallRequest;
import io.clutch.v1.CallResponse;
import io.clutch.v1.CallStreamRequest;
import io.clutch.v1.CallStreamResponse;
import io.clutch.v1.DescribeRequest;
import io.clutch.v1.DescribeResponse;
import io.clutch.v1.EnqueueRequest;
import io.clutch.v1.EnqueueResponse;
import io.clutch.v1.Payload;
import io.clutch.v1.PayloadPart;
import io.clutch.v1.Place;
import io.clutch.v1.StreamedCall;
import io.clutch.v1.StreamedFailure;
import io.clutch.v1.StreamedResult;
import io.clutch.v1.WorkerGrpc;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A worker whose part on call streams a test plays. */
final class ScriptedWorker implements AutoCloseable {

  private static final AtomicLong PROCESSES = new AtomicLong(1_000_000);

  private final BlockingQueue<Stream> streams = new LinkedBlockingQueue<>();
  private final Server server;
  private final String address;
  private final AtomicInteger opened = new AtomicInteger();
  private final Queue<String> unary = new ConcurrentLinkedQueue<>();

  /** Null accepts streams. */
  private volatile @Nullable Status refusal;

  ScriptedWorker() throws IOException {
    this("127.0.0.1:0");
  }

  ScriptedWorker(String address) throws IOException {
    ServerAddress at = ServerAddress.parse(address);
    long process = PROCESSES.incrementAndGet();
    this.server =
        NettyServerBuilder.forAddress(new InetSocketAddress(at.host(), at.port()))
            .directExecutor()
            .addService(new Service(process))
            .build()
            .start();
    this.address = "127.0.0.1:" + server.getPort();
  }

  String address() {
    return address;
  }

  /** Streams end at once with that. */
  ScriptedWorker refusing(Status status) {
    refusal = status;
    return this;
  }

  void accept() {
    refusal = null;
  }

  /** How many streams came, those refused included. */
  int opened() {
    return opened.get();
  }

  /** The functions of the calls that came as an RPC of their own. */
  List<String> unary() {
    return ImmutableList.copyOf(unary);
  }

  /** The next stream that a client opens. */
  Stream stream() throws InterruptedException {
    Stream next = streams.poll(30, TimeUnit.SECONDS);
    if (next == null) {
      throw new AssertionError("no stream came");
    }
    return next;
  }

  /** The same, with that many permits. */
  Stream stream(int permits) throws InterruptedException {
    Stream stream = stream();
    stream.permits(permits);
    return stream;
  }

  boolean hasNoStream() {
    return streams.isEmpty();
  }

  /** It takes nothing new; what it has, it has. */
  void leave() {
    server.shutdown();
  }

  /** Its process is killed. */
  void kill() {
    server.shutdownNow();
  }

  @Override
  public void close() {
    server.shutdownNow();
  }

  private final class Service extends WorkerGrpc.WorkerImplBase {
    private final long process;

    Service(long process) {
      this.process = process;
    }

    @Override
    public StreamObserver<CallStreamRequest> callStream(StreamObserver<CallStreamResponse> out) {
      opened.incrementAndGet();
      Status status = refusal;
      if (status != null) {
        out.onError(status.asRuntimeException());
        return new Stream((ServerCallStreamObserver<CallStreamResponse>) out);
      }
      Stream stream = new Stream((ServerCallStreamObserver<CallStreamResponse>) out);
      streams.add(stream);
      return stream;
    }

    @Override
    public void describe(DescribeRequest request, StreamObserver<DescribeResponse> out) {
      out.onNext(DescribeResponse.newBuilder().setProcessId(process).setPoolSize(1).build());
      out.onCompleted();
    }

    @Override
    public void call(CallRequest request, StreamObserver<CallResponse> out) {
      unary.add(request.getFunction());
      out.onNext(CallResponse.newBuilder().setPayload(json("\"unary\"")).build());
      out.onCompleted();
    }

    @Override
    public void enqueue(EnqueueRequest request, StreamObserver<EnqueueResponse> out) {
      unary.add(request.getFunction());
      out.onNext(EnqueueResponse.newBuilder().setCallId("unary").build());
      out.onCompleted();
    }
  }

  static Payload json(String json) {
    return Payload.newBuilder().setJson(json).build();
  }

  /** One stream of a client. */
  static final class Stream implements StreamObserver<CallStreamRequest> {
    private final ServerCallStreamObserver<CallStreamResponse> out;
    private final BlockingQueue<StreamedCall> calls = new LinkedBlockingQueue<>();
    private final List<CallStreamRequest> messages = new ArrayList<>();
    private volatile boolean givesBack;
    private boolean ended;
    private volatile boolean halfClosed;
    private volatile boolean broken;

    Stream(ServerCallStreamObserver<CallStreamResponse> out) {
      this.out = out;
    }

    @Override
    public void onNext(CallStreamRequest message) {
      synchronized (messages) {
        messages.add(message);
      }
      if (givesBack) {
        giveBack(message.getCallsList().toArray(StreamedCall[]::new));
        return;
      }
      calls.addAll(message.getCallsList());
    }

    @Override
    public void onError(Throwable failure) {
      broken = true;
    }

    @Override
    public void onCompleted() {
      halfClosed = true;
      end();
    }

    /** Whether the client has said its last. */
    boolean isHalfClosed() {
      return halfClosed;
    }

    /** Whether the client has cancelled it, or the connection was lost. */
    boolean isBroken() {
      return broken;
    }

    List<CallStreamRequest> messages() {
      synchronized (messages) {
        return ImmutableList.copyOf(messages);
      }
    }

    /** The ids of those that nobody waits for any more. */
    List<Long> cancelled() {
      return messages().stream().flatMap(m -> m.getCancelledList().stream()).toList();
    }

    /** What was said of calls that wait. */
    List<Integer> waiting() {
      return messages().stream()
          .filter(CallStreamRequest::hasWaiting)
          .map(CallStreamRequest::getWaiting)
          .toList();
    }

    List<PayloadPart> parts() {
      return messages().stream().flatMap(m -> m.getPartsList().stream()).toList();
    }

    /** The next call; by name, to be read well. */
    StreamedCall call() throws InterruptedException {
      StreamedCall next = calls.poll(30, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("no call came");
      }
      return next;
    }

    StreamedCall call(String function) throws InterruptedException {
      StreamedCall next = call();
      if (!next.getFunction().equals(function)) {
        throw new AssertionError("want a call of %s, not %s".formatted(function, next));
      }
      return next;
    }

    boolean hasNoCall() {
      return calls.isEmpty();
    }

    /** Says something. */
    void say(Consumer<CallStreamResponse.Builder> what) {
      CallStreamResponse.Builder message = CallStreamResponse.newBuilder();
      what.accept(message);
      synchronized (out) {
        out.onNext(message.build());
      }
    }

    void permits(int permits) {
      say(
          m ->
              m.setPermits(permits).setPlace(Place.newBuilder().setSlot(0).setPoolSize(1).build()));
    }

    void result(StreamedCall call, String json) {
      say(m -> m.addResults(resultOf(call, json)));
    }

    static StreamedResult resultOf(StreamedCall call, String json) {
      return StreamedResult.newBuilder().setId(call.getId()).setPayload(json(json)).build();
    }

    void failure(StreamedCall call, ClutchException failure) {
      com.google.rpc.Status status = ErrorStatus.toMessage(failure);
      say(
          m ->
              m.addFailures(
                  StreamedFailure.newBuilder()
                      .setId(call.getId())
                      .setCode(status.getCode())
                      .setMessage(status.getMessage())
                      .addAllDetails(status.getDetailsList())));
    }

    void accept(StreamedCall call, String callId) {
      say(m -> m.addAccepted(Acceptance.newBuilder().setId(call.getId()).setCallId(callId)));
    }

    void giveBack(StreamedCall... back) {
      say(
          m -> {
            for (StreamedCall call : back) {
              m.addReturned(call.getId());
            }
          });
    }

    /** From now on everything comes back. */
    void giveBackAll() {
      givesBack = true;
      for (StreamedCall call = calls.poll(); call != null; call = calls.poll()) {
        giveBack(call);
      }
    }

    void part(StreamedCall call, int size) {
      say(
          m ->
              m.addParts(
                  PayloadPart.newBuilder()
                      .setId(call.getId())
                      .setData(ByteString.copyFrom(new byte[size]))));
    }

    /** Answers everything with what {@code json} gives. */
    void answerAll(Supplier<String> json) {
      for (StreamedCall call = calls.poll(); call != null; call = calls.poll()) {
        result(call, json.get());
      }
    }

    void end() {
      synchronized (out) {
        if (!ended) {
          ended = true;
          out.onCompleted();
        }
      }
    }

    void fail(Status status) {
      synchronized (out) {
        ended = true;
        out.onError(status.asRuntimeException());
      }
    }
  }
}
