package io.clutch.benchmarks.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * How often functions ran, in all processes of a pool: each counts in a file of its own, in memory
 * that it shares with whoever reads the file. So to look costs the workers nothing. Thread-safe.
 */
public final class Tallies {

  /** What is counted. */
  public enum Kind {
    /** What the clock is stopped for. */
    RUN(0),

    /** What runs beside. */
    ASIDE(1),

    /** The places that are held at the moment. */
    HELD(2);

    private static final int COUNT = 3;

    private final int place;

    Kind(int place) {
      this.place = place;
    }

    /** Where it stands in a file, and what an argument calls it. */
    int place() {
      return place;
    }
  }

  private static final VarHandle LONGS =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());

  private static final int SIZE = Kind.COUNT * Long.BYTES;

  private final ByteBuffer counts;

  private Tallies(ByteBuffer counts) {
    this.counts = counts;
  }

  /** This process's part. */
  public static Tallies own(Path folder) throws IOException {
    Path file = folder.resolve(String.valueOf(ProcessHandle.current().pid()));
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      return new Tallies(channel.map(FileChannel.MapMode.READ_WRITE, 0, SIZE));
    }
  }

  /** Adds to the count of {@link Kind#place}. */
  void add(int place, long number) {
    long unused = (long) LONGS.getAndAdd(counts, place * Long.BYTES, number);
  }

  /** The count of all processes. */
  public static long sum(Path folder, Kind kind) {
    long sum = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        byte[] bytes = Files.readAllBytes(file);
        if (bytes.length == SIZE) {
          sum +=
              ByteBuffer.wrap(bytes)
                  .order(ByteOrder.nativeOrder())
                  .getLong(kind.place() * Long.BYTES);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("what ran cannot be counted in " + folder + ": " + e, e);
    }
    return sum;
  }
}
