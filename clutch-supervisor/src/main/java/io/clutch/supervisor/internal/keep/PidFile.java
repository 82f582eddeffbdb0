package io.clutch.supervisor.internal.keep;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A file with this process's id, locked for as long as the process lives. */
public final class PidFile {

  /**
   * Those of this process. Linux ends a process's lock when the process closes the file, even where
   * it had opened it twice: so it must not.
   */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path path;
  private final FileChannel channel;

  private PidFile(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /**
   * Writes it.
   *
   * @throws IOException where another process has it locked, or it cannot be written
   */
  public static PidFile write(Path path) throws IOException {
    Path absolute = path.toAbsolutePath().normalize();
    long pid = ProcessHandle.current().pid();
    if (!HELD.add(absolute)) {
      throw isLocked(path, String.valueOf(pid));
    }
    try {
      return new PidFile(absolute, writeLocked(path, pid));
    } catch (IOException e) {
      HELD.remove(absolute);
      throw e;
    }
  }

  private static FileChannel writeLocked(Path path, long pid) throws IOException {
    FileChannel channel = open(path);
    try {
      if (!lock(channel)) {
        throw isLocked(path, Files.readString(path).strip());
      }
      channel.truncate(0);
      channel.write(ByteBuffer.wrap((pid + "\n").getBytes(UTF_8)));
      return channel;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private static IOException isLocked(Path path, String pid) {
    return new IOException("the pid file '%s' is locked by process %s".formatted(path, pid));
  }

  private static FileChannel open(Path path) throws IOException {
    try {
      return FileChannel.open(
          path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    } catch (IOException e) {
      throw new IOException("cannot write the pid file '%s': %s".formatted(path, e), e);
    }
  }

  private static boolean lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      // Another supervisor in this very process, by another name of the file.
      return false;
    }
  }

  /** Deletes it. */
  static void delete(@Nullable PidFile file) throws IOException {
    if (file != null) {
      Files.deleteIfExists(file.path);
      file.channel.close();
      HELD.remove(file.path);
    }
  }
}
