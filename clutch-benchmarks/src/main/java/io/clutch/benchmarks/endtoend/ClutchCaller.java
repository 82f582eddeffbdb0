package io.clutch.benchmarks.endtoend;

import com.google.protobuf.ByteString;
import io.clutch.benchmarks.load.Operation;
import io.clutch.benchmarks.server.Functions;
import io.clutch.client.ClutchClient;
import io.clutch.client.Request;
import org.jspecify.annotations.Nullable;

/** Calls a worker through the client of Clutch. */
final class ClutchCaller implements Caller {

  private final ClutchClient client;
  private final String function;

  ClutchCaller(ClutchClient client, String function) {
    this.client = client;
    this.function = function;
  }

  @Override
  public Operation echo(ByteString bytes) {
    Request<ByteString> request = Request.of(function, bytes, ByteString.class);
    return done -> {
      var unused =
          client
              .requestAsync(request)
              .whenComplete((result, failure) -> done.done(check(bytes, result, failure)));
    };
  }

  private static @Nullable Throwable check(
      ByteString bytes, @Nullable ByteString result, @Nullable Throwable failure) {
    return failure == null ? Echoes.check(bytes, result) : failure;
  }

  @Override
  public Operation enqueue(ByteString bytes) {
    Request<?> request = Request.of(Functions.NOTHING, bytes);
    return done -> {
      var unused =
          client.requestBackgroundAsync(request).whenComplete((id, failure) -> done.done(failure));
    };
  }

  @Override
  public void close() {
    client.close();
  }
}
