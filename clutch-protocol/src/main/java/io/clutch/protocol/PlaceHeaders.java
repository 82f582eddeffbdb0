package io.clutch.protocol;

import io.grpc.Metadata;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What every answer of a worker says in its headers, for clients that keep a connection to each
 * process behind an address: the process's place, and how many there are.
 */
public final class PlaceHeaders {

  /** The process's place in its pool, from 1; 0 for a worker that runs alone. */
  public static final Metadata.Key<String> SLOT =
      Metadata.Key.of("clutch-slot", Metadata.ASCII_STRING_MARSHALLER);

  /** How many processes serve behind the same address; 1 for a worker that runs alone. */
  public static final Metadata.Key<String> POOL_SIZE =
      Metadata.Key.of("clutch-pool-size", Metadata.ASCII_STRING_MARSHALLER);

  /** What is beyond any pool is no size of one. */
  private static final int LARGEST = 100_000;

  private PlaceHeaders() {}

  /** Adds both. */
  public static void put(Metadata headers, int slot, int poolSize) {
    headers.put(SLOT, Integer.toString(slot));
    headers.put(POOL_SIZE, Integer.toString(poolSize));
  }

  /** The number of processes; empty where the answer does not say, or says nonsense. */
  public static OptionalInt poolSize(Metadata headers) {
    return number(headers.get(POOL_SIZE));
  }

  /** A number of processes that was said, or the largest one that makes sense. */
  public static int plausible(int poolSize) {
    return Math.min(poolSize, LARGEST);
  }

  private static OptionalInt number(@Nullable String text) {
    if (text == null) {
      return OptionalInt.empty();
    }
    try {
      int number = Integer.parseInt(text);
      return number >= 1 && number <= LARGEST ? OptionalInt.of(number) : OptionalInt.empty();
    } catch (NumberFormatException e) {
      // From another program.
      return OptionalInt.empty();
    }
  }
}
