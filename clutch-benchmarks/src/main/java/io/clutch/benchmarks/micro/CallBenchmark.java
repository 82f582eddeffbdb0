package io.clutch.benchmarks.micro;

import com.google.protobuf.ByteString;
import io.clutch.client.ClutchClient;
import io.clutch.worker.FunctionDefinition;
import io.clutch.worker.Worker;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Calls over a socket with both ends in this process: with {@code -prof gc}, what a call allocates
 * at both ends together.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
public class CallBenchmark {

  private static final int BATCH = 64;

  /** Whether calls go over call streams. */
  @Param({"true", "false"})
  public boolean streams;

  /** Whether the function runs on the network's thread. */
  @Param({"true", "false"})
  public boolean inline;

  private final ByteString argument = ByteString.copyFrom(new byte[100]);
  private @Nullable Worker worker;
  private @Nullable ClutchClient client;

  /** Starts both ends. */
  @Setup
  public void start() throws IOException {
    FunctionDefinition.Builder<ByteString, ByteString> echo =
        FunctionDefinition.named("echo").argument(ByteString.class).result(ByteString.class);
    worker =
        Worker.builder()
            .address("127.0.0.1:0")
            .concurrency(4)
            .function((inline ? echo.inline() : echo).runs((bytes, call) -> bytes))
            .build()
            .start();
    client =
        ClutchClient.builder()
            .servers(worker.address().toString())
            .connectionsPerServer(1)
            .callStreams(streams)
            .build();
  }

  /** Ends both. */
  @TearDown
  public void stop() {
    if (client != null) {
      client.close();
    }
    if (worker != null) {
      worker.close();
    }
  }

  /** Alone. */
  @Benchmark
  public @Nullable ByteString one() {
    return client == null ? null : client.request("echo", argument, ByteString.class);
  }

  /** So many at once. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public int many() {
    if (client == null) {
      return 0;
    }
    List<CompletableFuture<@Nullable ByteString>> calls = new ArrayList<>(BATCH);
    for (int i = 0; i < BATCH; i++) {
      calls.add(client.requestAsync("echo", argument, ByteString.class));
    }
    int bytes = 0;
    for (CompletableFuture<@Nullable ByteString> call : calls) {
      ByteString result = call.join();
      bytes += result == null ? 0 : result.size();
    }
    return bytes;
  }
}
