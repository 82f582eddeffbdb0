package io.clutch.benchmarks.micro;

import com.google.protobuf.ByteString;
import io.clutch.protocol.stream.BatchWriter;
import io.clutch.protocol.stream.Item;
import io.clutch.protocol.stream.Parts;
import io.clutch.v1.CallStreamRequest;
import io.clutch.v1.Payload;
import io.grpc.stub.CallStreamObserver;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Calls of 100 bytes to the bytes of a message of a call stream. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class BatchWriterBenchmark {

  /** How many calls are ready at the same moment. */
  @Param({"1", "8", "64"})
  public int ready;

  private final Payload payload =
      Payload.newBuilder().setData(ByteString.copyFrom(new byte[100])).build();

  private final Serializer stream = new Serializer();

  /** Runs what is to run on its thread when everything is there, as a busy one does. */
  private @Nullable Runnable flush;

  private final BatchWriter<CallStreamRequest.Builder, CallStreamRequest> writer =
      new BatchWriter<>(
          stream,
          new BatchWriter.Format<>(
              CallStreamRequest::newBuilder,
              CallStreamRequest.Builder::addParts,
              CallStreamRequest.Builder::build),
          task -> flush = task);

  /** One message with all of them. */
  @Benchmark
  public int message() {
    for (int i = 1; i <= ready; i++) {
      writer.add(new CallItem(i, payload));
    }
    Runnable due = flush;
    if (due != null) {
      due.run();
    }
    return stream.bytes;
  }

  private record CallItem(long id, Payload payload) implements Item<CallStreamRequest.Builder> {
    @Override
    public int size() {
      return 48 + payload.getSerializedSize();
    }

    @Override
    public @Nullable Parts writeTo(CallStreamRequest.Builder message) {
      message
          .addCallsBuilder()
          .setId(id)
          .setFunction("echo")
          .setTimeoutMicros(30_000_000)
          .setPayload(payload);
      return null;
    }
  }

  /** What the network does with it first. */
  private static final class Serializer extends CallStreamObserver<CallStreamRequest> {
    private int bytes;

    @Override
    public void onNext(CallStreamRequest message) {
      bytes += message.toByteArray().length;
    }

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void setOnReadyHandler(Runnable handler) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void disableAutoInboundFlowControl() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void request(int count) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void setMessageCompression(boolean enable) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void onError(Throwable failure) {
      throw new IllegalStateException(failure);
    }

    @Override
    public void onCompleted() {
      throw new IllegalStateException("nothing ends it");
    }
  }
}
