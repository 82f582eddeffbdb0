package io.clutch.benchmarks.server;

import com.google.protobuf.ByteString;
import io.clutch.benchmarks.server.Tallies.Kind;
import io.clutch.worker.FunctionDefinition;
import io.clutch.worker.FunctionModule;
import io.clutch.worker.FunctionRegistrar;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Random;

/** What the workers with a store serve, on function threads. */
public final class JobFunctions implements FunctionModule {

  /** Takes bytes, and counts that it ran. */
  public static final String TALLY = "tally";

  /** The same, for a worker of another kind. */
  public static final String OTHER = "other";

  /** Gives the microseconds since 1970 at its start. */
  public static final String MOMENT = "moment";

  /** Sleeps for so many milliseconds, and is counted meanwhile. */
  public static final String HOLD = "hold";

  private static final int BYTES = 100;

  private final Tallies tallies;
  private final List<String> counting;

  /**
   * What is served.
   *
   * @param counting the functions that count
   */
  JobFunctions(Tallies tallies, List<String> counting) {
    this.tallies = tallies;
    this.counting = counting;
  }

  /** An argument of {@link #TALLY} and {@link #OTHER}: the first byte says what is counted. */
  public static ByteString argument(Kind kind) {
    byte[] bytes = new byte[BYTES];
    new Random(BYTES).nextBytes(bytes);
    bytes[0] = (byte) kind.place();
    return ByteString.copyFrom(bytes);
  }

  /** Microseconds since 1970. */
  public static long nowMicros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  @Override
  public void register(FunctionRegistrar<?> functions) {
    for (String name : counting) {
      functions.function(
          FunctionDefinition.named(name)
              .argument(ByteString.class)
              .result(Void.class)
              .runs(
                  (bytes, call) -> {
                    tallies.add(bytes.byteAt(0), 1);
                    return null;
                  }));
    }
    functions.function(
        FunctionDefinition.named(MOMENT)
            .argument(Void.class)
            .result(Long.class)
            .runs((nothing, call) -> nowMicros()));
    functions.function(
        FunctionDefinition.named(HOLD)
            .argument(long.class)
            .result(Void.class)
            .runs(
                (millis, call) -> {
                  tallies.add(Kind.HELD.place(), 1);
                  try {
                    Thread.sleep(millis);
                    return null;
                  } finally {
                    tallies.add(Kind.HELD.place(), -1);
                  }
                }));
  }
}
