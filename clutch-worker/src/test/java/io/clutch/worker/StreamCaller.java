package io.clutch.worker;

import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.ErrorStatus;
import io.clutch.protocol.PayloadCodec;
import io.clutch.v1.CallStreamRequest;
import io.clutch.v1.CallStreamResponse;
import io.clutch.v1.Payload;
import io.clutch.v1.PayloadPart;
import io.clutch.v1.Progress;
import io.clutch.v1.StreamedCall;
import io.clutch.v1.StreamedFailure;
import io.clutch.v1.StreamedResult;
import io.clutch.v1.WorkerGrpc;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A client of call streams that does just what a test tells it. */
final class StreamCaller implements AutoCloseable {

  private final ManagedChannel channel;
  private final ClientCallStreamObserver<CallStreamRequest> requests;
  private long lastId;

  /** What has come; guarded by itself. */
  private final Seen seen = new Seen();

  /** Everything that the worker has said. */
  static final class Seen {
    final Map<Long, Payload> results = new HashMap<>();
    final Map<Long, ByteString> parts = new HashMap<>();
    final Map<Long, Long> bytesToCome = new HashMap<>();
    final Map<Long, ClutchException> failures = new HashMap<>();
    final Map<Long, String> accepted = new HashMap<>();
    final List<Long> returned = new ArrayList<>();
    final List<Progress> progress = new ArrayList<>();
    final List<Integer> permits = new ArrayList<>();
    final List<CallStreamResponse> messages = new ArrayList<>();
    boolean draining;
    boolean completed;
    @Nullable Throwable error;

    int lastPermits() {
      return permits.isEmpty() ? -1 : permits.get(permits.size() - 1);
    }

    /** Whether all of its result has come. */
    boolean isWhole(long id) {
      return results.containsKey(id)
          && parts.getOrDefault(id, ByteString.EMPTY).size() >= bytesToCome.get(id);
    }

    boolean isFinal(long id) {
      return isWhole(id)
          || failures.containsKey(id)
          || accepted.containsKey(id)
          || returned.contains(id);
    }
  }

  StreamCaller(Worker worker) {
    this(worker, new Metadata(), true);
  }

  /**
   * @param headers of the RPC
   * @param reads whether it reads at once
   */
  StreamCaller(Worker worker, Metadata headers, boolean reads) {
    this(
        NettyChannelBuilder.forAddress(worker.address().host(), worker.address().port())
            .usePlaintext()
            .build(),
        headers,
        reads);
  }

  /**
   * @param channel is closed with this
   */
  StreamCaller(ManagedChannel channel, Metadata headers, boolean reads) {
    this.channel = channel;
    Channel intercepted =
        ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    Observer observer = new Observer(reads);
    requests =
        (ClientCallStreamObserver<CallStreamRequest>)
            WorkerGrpc.newStub(intercepted).callStream(observer);
  }

  private final class Observer
      implements ClientResponseObserver<CallStreamRequest, CallStreamResponse> {
    private final boolean reads;

    private Observer(boolean reads) {
      this.reads = reads;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<CallStreamRequest> stream) {
      if (!reads) {
        stream.disableAutoRequestWithInitial(0);
      }
    }

    @Override
    public void onNext(CallStreamResponse message) {
      synchronized (seen) {
        seen.messages.add(message);
        for (StreamedResult result : message.getResultsList()) {
          seen.results.put(result.getId(), result.getPayload());
          seen.bytesToCome.put(result.getId(), result.getBytesToCome());
        }
        for (PayloadPart part : message.getPartsList()) {
          seen.parts.merge(part.getId(), part.getData(), ByteString::concat);
        }
        for (StreamedFailure failure : message.getFailuresList()) {
          seen.failures.put(
              failure.getId(),
              ErrorStatus.fromMessage(
                  com.google.rpc.Status.newBuilder()
                      .setCode(failure.getCode())
                      .setMessage(failure.getMessage())
                      .addAllDetails(failure.getDetailsList())
                      .build()));
        }
        message.getAcceptedList().forEach(a -> seen.accepted.put(a.getId(), a.getCallId()));
        seen.returned.addAll(message.getReturnedList());
        seen.progress.addAll(message.getProgressList());
        if (message.hasPermits()) {
          seen.permits.add(message.getPermits());
        }
        seen.draining |= message.getDraining();
      }
    }

    @Override
    public void onError(Throwable failure) {
      synchronized (seen) {
        seen.error = failure;
      }
    }

    @Override
    public void onCompleted() {
      synchronized (seen) {
        seen.completed = true;
      }
    }
  }

  /** Reads so many messages more. */
  void read(int messages) {
    requests.request(messages);
  }

  boolean isReady() {
    return requests.isReady();
  }

  /** Starts a call; gives its id. */
  synchronized long call(String function, @Nullable Object argument) {
    return call(function, argument, call -> {});
  }

  synchronized long call(
      String function, @Nullable Object argument, Consumer<StreamedCall.Builder> options) {
    long id = ++lastId;
    StreamedCall.Builder call =
        StreamedCall.newBuilder()
            .setId(id)
            .setFunction(function)
            .setPayload(PayloadCodec.standard().encode(argument));
    options.accept(call);
    send(message -> message.addCalls(call));
    return id;
  }

  synchronized void send(Consumer<CallStreamRequest.Builder> content) {
    CallStreamRequest.Builder message = CallStreamRequest.newBuilder();
    content.accept(message);
    requests.onNext(message.build());
  }

  void halfClose() {
    requests.onCompleted();
  }

  void cancel() {
    requests.cancel("enough", null);
  }

  <T> T see(Function<Seen, T> question) {
    synchronized (seen) {
      return question.apply(seen);
    }
  }

  void awaits(Function<Seen, Boolean> condition) {
    await().atMost(Duration.ofSeconds(30)).until(() -> see(condition));
  }

  Payload result(long id) {
    awaits(s -> s.isFinal(id));
    ClutchException failure = see(s -> s.failures.get(id));
    if (failure != null) {
      throw failure;
    }
    return Optional.ofNullable(see(s -> s.results.get(id)))
        .orElseThrow(() -> new AssertionError("no result of call " + id));
  }

  ClutchException failure(long id) {
    awaits(s -> s.isFinal(id));
    return Optional.ofNullable(see(s -> s.failures.get(id)))
        .orElseThrow(() -> new AssertionError("no failure of call " + id));
  }

  @Override
  public void close() throws InterruptedException {
    boolean unused = channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
  }
}
