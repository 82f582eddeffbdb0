package io.clutch.benchmarks.load;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What Linux tells of processes. */
public final class Processes {

  /** How long a clock tick of {@code /proc} is, on every Linux that Java runs on. */
  private static final long TICK_NANOS = 10_000_000;

  private static final Splitter WORDS = Splitter.onPattern("\\s+").omitEmptyStrings();

  private final ImmutableList<Long> pids;

  /** Looks at some. */
  public Processes(List<Long> pids) {
    this.pids = ImmutableList.copyOf(pids);
  }

  /** Looks at this one. */
  public static Processes own() {
    return new Processes(List.of(ProcessHandle.current().pid()));
  }

  /** The processor time that they have used so far, all together. */
  public long cpuNanos() {
    return pids.stream().mapToLong(pid -> cpuNanos(read(pid, "stat"))).sum();
  }

  /** The memory of theirs that is resident, all together, in bytes. */
  public long residentBytes() {
    return pids.stream().mapToLong(pid -> residentBytes(read(pid, "status"))).sum();
  }

  static long cpuNanos(String stat) {
    // The second field is a name, which may hold anything.
    List<String> fields = WORDS.splitToList(stat.substring(stat.lastIndexOf(')') + 1));
    return (Long.parseLong(fields.get(11)) + Long.parseLong(fields.get(12))) * TICK_NANOS;
  }

  static long residentBytes(String status) {
    return status
        .lines()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(WORDS.splitToList(line).get(1)) * 1024)
        .sum();
  }

  private static String read(long pid, String file) {
    try {
      return Files.readString(Path.of("/proc", String.valueOf(pid), file));
    } catch (IOException e) {
      throw new UncheckedIOException("process " + pid + " cannot be looked at: " + e, e);
    }
  }
}
