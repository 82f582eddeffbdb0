package io.clutch.benchmarks.endtoend;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.collect.ImmutableList;
import com.google.protobuf.ByteString;
import io.clutch.benchmarks.load.Done;
import io.clutch.benchmarks.load.Operation;
import io.clutch.benchmarks.v1.Data;
import io.clutch.benchmarks.v1.EchoGrpc;
import io.clutch.benchmarks.v1.EchoGrpc.EchoStub;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Calls plain gRPC through its generated stub, over so many channels in turn. Answers are taken on
 * the network's thread, and calls have no deadline, for that is the quickest that gRPC has.
 */
final class RawCaller implements Caller {

  private final ImmutableList<ManagedChannel> channels;
  private final ImmutableList<EchoStub> stubs;
  private final AtomicInteger turn = new AtomicInteger();

  RawCaller(String address, int connections) {
    channels =
        IntStream.range(0, connections)
            .mapToObj(
                i -> NettyChannelBuilder.forTarget(address).usePlaintext().directExecutor().build())
            .collect(toImmutableList());
    stubs = channels.stream().map(EchoGrpc::newStub).collect(toImmutableList());
  }

  @Override
  public Operation echo(ByteString bytes) {
    if (stubs.size() == 1) {
      EchoStub only = stubs.get(0);
      return done -> call(only, bytes, done);
    }
    return done ->
        call(stubs.get(Math.floorMod(turn.getAndIncrement(), stubs.size())), bytes, done);
  }

  private static void call(EchoStub stub, ByteString bytes, Done done) {
    stub.echo(Data.newBuilder().setData(bytes).build(), new Answer(bytes, done));
  }

  @Override
  public Operation enqueue(ByteString bytes) {
    throw new UnsupportedOperationException("plain gRPC has no background calls");
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
  }

  private static final class Answer implements StreamObserver<Data> {
    private final ByteString sent;
    private final Done done;
    private @Nullable Data answer;

    Answer(ByteString sent, Done done) {
      this.sent = sent;
      this.done = done;
    }

    @Override
    public void onNext(Data value) {
      answer = value;
    }

    @Override
    public void onError(Throwable failure) {
      done.done(failure);
    }

    @Override
    public void onCompleted() {
      Data got = answer;
      done.done(Echoes.check(sent, got == null ? null : got.getData()));
    }
  }
}
