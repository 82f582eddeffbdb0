package io.clutch.benchmarks.server;

import com.google.protobuf.ByteString;
import io.clutch.worker.FunctionDefinition;
import io.clutch.worker.FunctionModule;
import io.clutch.worker.FunctionRegistrar;

/** What the workers of the benchmarks serve. */
public final class Functions implements FunctionModule {

  /** Gives back the bytes that it gets, on a function thread. */
  public static final String ECHO = "echo";

  /** The same on the network's thread. */
  public static final String ECHO_INLINE = "echo-inline";

  /** Takes bytes and does nothing, on a function thread. */
  public static final String NOTHING = "nothing";

  /** Sleeps for so many milliseconds, on a function thread. */
  public static final String SLEEP = "sleep";

  @Override
  public void register(FunctionRegistrar<?> functions) {
    functions.function(
        FunctionDefinition.named(ECHO)
            .argument(ByteString.class)
            .result(ByteString.class)
            .runs((bytes, call) -> bytes));
    functions.function(
        FunctionDefinition.named(ECHO_INLINE)
            .argument(ByteString.class)
            .result(ByteString.class)
            .inline()
            .runs((bytes, call) -> bytes));
    functions.function(
        FunctionDefinition.named(NOTHING)
            .argument(ByteString.class)
            .result(Void.class)
            .runs((bytes, call) -> null));
    functions.function(
        FunctionDefinition.named(SLEEP)
            .argument(long.class)
            .result(Void.class)
            .runs(
                (millis, call) -> {
                  Thread.sleep(millis);
                  return null;
                }));
  }
}
