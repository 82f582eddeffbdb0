package io.clutch.durable.internal.sqlite;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.clutch.durable.internal.store.StartMarks;
import io.clutch.durable.internal.store.TakenJob;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A process's own file in the store's folder. It is locked for as long as the process lives, by the
 * kernel, so that there is no doubt about that, whatever clocks and process ids do. And it has the
 * process's marks of the jobs that it has started: written to memory that it shares with the file,
 * they survive the process, and cost nothing. Thread-safe.
 *
 * <p>A mark is two numbers of 64 bits: the job's seq, or 0, and when it was started. The second is
 * written first.
 */
final class OwnerFile implements StartMarks, AutoCloseable {

  /** How many jobs may be started whose end is not in the store yet. */
  static final int MARKS = 4_096;

  private static final int MARK_SIZE = 16;
  private static final int SIZE = MARKS * MARK_SIZE;

  private static final VarHandle LONGS =
      MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /**
   * The files of this JVM. To close any channel of a file gives up this JVM's lock on it (POSIX),
   * so these must not be opened a second time.
   */
  private static final Map<Path, OwnerFile> OWN = new ConcurrentHashMap<>();

  private final Path path;
  private final FileChannel channel;
  private final MappedByteBuffer marks;

  @GuardedBy("this")
  private final Deque<Integer> free = new ArrayDeque<>();

  @GuardedBy("this")
  private final Map<Long, Integer> used = new HashMap<>();

  private OwnerFile(Path path, FileChannel channel, MappedByteBuffer marks) {
    this.path = path;
    this.channel = channel;
    this.marks = marks;
    for (int i = 0; i < MARKS; i++) {
      free.add(i * MARK_SIZE);
    }
  }

  /** Makes one, which nobody can take for that of a dead process. */
  static OwnerFile create(Path path) throws IOException {
    FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      FileLock unused = channel.lock();
      // Real zeros: a hole that cannot be filled when the disk is full would end the process.
      ByteBuffer zeros = ByteBuffer.allocate(SIZE);
      while (zeros.hasRemaining()) {
        int written = channel.write(zeros);
        if (written < 0) {
          throw new IOException("cannot write '%s'".formatted(path));
        }
      }
      channel.force(true);
      OwnerFile made =
          new OwnerFile(path, channel, channel.map(FileChannel.MapMode.READ_WRITE, 0, SIZE));
      OWN.put(path, made);
      return made;
    } catch (IOException | RuntimeException e) {
      channel.close();
      Files.deleteIfExists(path);
      throw e;
    }
  }

  @Override
  public synchronized boolean start(TakenJob job, long nowMillis) {
    Integer at = free.poll();
    if (at == null) {
      return false;
    }
    used.put(job.seq(), at);
    marks.order(ByteOrder.LITTLE_ENDIAN).putLong(at + Long.BYTES, nowMillis);
    LONGS.setRelease(marks, (int) at, job.seq());
    return true;
  }

  @Override
  public synchronized void settle(long seq) {
    Integer at = used.remove(seq);
    if (at != null) {
      LONGS.setRelease(marks, (int) at, 0L);
      free.add(at);
    }
  }

  private synchronized Map<Long, Long> read() {
    return read(marks);
  }

  private static Map<Long, Long> read(ByteBuffer marks) {
    ByteBuffer ordered = marks.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    Map<Long, Long> started = new HashMap<>();
    for (int at = 0; at + MARK_SIZE <= ordered.capacity(); at += MARK_SIZE) {
      long seq = ordered.getLong(at);
      if (seq != 0) {
        started.put(seq, ordered.getLong(at + Long.BYTES));
      }
    }
    return started;
  }

  /** What the process with that file has started, with the times; nothing where there is none. */
  static Map<Long, Long> read(Path path) throws IOException {
    OwnerFile own = OWN.get(path);
    if (own != null) {
      return own.read();
    }
    // Another process's lock is not given up by that.
    return Files.exists(path) ? read(ByteBuffer.wrap(Files.readAllBytes(path))) : Map.of();
  }

  /** Whether the process with that file lives. */
  static boolean isAlive(Path path) throws IOException {
    if (OWN.containsKey(path)) {
      return true;
    }
    if (!Files.exists(path)) {
      return false;
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      return lock == null;
    } catch (OverlappingFileLockException e) {
      // It is this JVM's own.
      return true;
    }
  }

  /** Ends it: whoever finds it takes this process for dead. */
  @Override
  public void close() throws IOException {
    OWN.remove(path);
    channel.close();
  }
}
