package io.clutch.durable.internal.sqlite;

import com.google.common.util.concurrent.Striped;
import io.clutch.durable.internal.store.StoreException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;

/**
 * The folder of a store:
 *
 * <pre>
 * jobs.db, jobs.db-wal, jobs.db-shm   the database
 * owners/ID                           of each process that has it open: see {@link OwnerFile}
 * VERSION-libsqlitejdbc.so            SQLite itself: see {@link NativeLibrary}
 * writing                             locked by whoever writes
 * damaged                             there while the database is known to be damaged
 * jobs.db.damaged-TIME                what was set aside
 * </pre>
 *
 * <p>SQLite lets one process write at a time, and has the others look again and again whether it is
 * their turn. The lock in front of that puts them to sleep in the kernel instead. Thread-safe.
 */
final class StoreFolder {

  static final String DATABASE = "jobs.db";

  private static final long PATIENCE_NANOS = 5_000_000_000L;

  /** Locks of files are the process's, not the thread's. */
  private static final Striped<Lock> OF_THIS_PROCESS = Striped.lock(64);

  private final Path folder;
  private final FileChannel writing;

  private StoreFolder(Path folder, FileChannel writing) {
    this.folder = folder;
    this.writing = writing;
  }

  /** Opens a folder, made where there is none, for nobody but its owner. */
  static StoreFolder open(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    Files.createDirectories(folder.resolve("owners"));
    return new StoreFolder(
        folder.toRealPath(),
        FileChannel.open(
            folder.resolve("writing"), StandardOpenOption.CREATE, StandardOpenOption.WRITE));
  }

  Path database() {
    return folder.resolve(DATABASE);
  }

  Path log() {
    return folder.resolve(DATABASE + "-wal");
  }

  Path ownerFile(long id) {
    return folder.resolve("owners").resolve(Long.toString(id, 36));
  }

  private Path damageMark() {
    return folder.resolve("damaged");
  }

  /** What is to be done while nobody else writes. */
  interface Work<T> {
    T run() throws SQLException, IOException, StoreException;
  }

  /** Waits until nobody else writes, and does that. */
  <T> T alone(Work<T> work) throws SQLException, IOException, StoreException {
    Lock here = OF_THIS_PROCESS.get(folder);
    here.lock();
    try (FileLock everywhere = lock()) {
      return work.run();
    } finally {
      here.unlock();
    }
  }

  private FileLock lock() throws IOException {
    long giveUp = System.nanoTime() + PATIENCE_NANOS;
    while (true) {
      try {
        return writing.lock();
      } catch (IOException e) {
        // The kernel takes processes that share two stores for a circle, though their threads are
        // none: EDEADLK. It passes.
        if (System.nanoTime() - giveUp > 0
            || !String.valueOf(e.getMessage()).contains("deadlock")) {
          throw e;
        }
        LockSupport.parkNanos(1_000_000);
      }
    }
  }

  /** Whether somebody has found the database damaged. */
  boolean isDamaged() {
    return Files.exists(damageMark());
  }

  /** Tells all processes that the database is damaged. */
  void markDamaged() throws IOException {
    if (!isDamaged()) {
      Files.createFile(damageMark());
    }
  }

  /** The database was found to be sound, after all. */
  void clearDamage() throws IOException {
    Files.deleteIfExists(damageMark());
  }

  /** Whether any process has the store open. */
  boolean isInUse() throws IOException {
    try (DirectoryStream<Path> owners = Files.newDirectoryStream(folder.resolve("owners"))) {
      for (Path owner : owners) {
        if (OwnerFile.isAlive(owner)) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * Puts the damaged database out of the way.
   *
   * @param suffix unlike all before
   * @return where it is now
   */
  Path setAside(String suffix) throws IOException {
    Path aside = folder.resolve(DATABASE + ".damaged-" + suffix);
    move("-wal", aside);
    move("-shm", aside);
    Files.move(database(), aside, StandardCopyOption.ATOMIC_MOVE);
    Files.deleteIfExists(damageMark());
    return aside;
  }

  private void move(String end, Path aside) throws IOException {
    Path file = folder.resolve(DATABASE + end);
    if (Files.exists(file)) {
      Files.move(
          file, aside.resolveSibling(aside.getFileName() + end), StandardCopyOption.ATOMIC_MOVE);
    }
  }

  void close() throws IOException {
    // Closing a channel gives up the locks that this process has on the file by other channels.
    Lock here = OF_THIS_PROCESS.get(folder);
    here.lock();
    try {
      writing.close();
    } finally {
      here.unlock();
    }
  }

  @Override
  public String toString() {
    return folder.toString();
  }
}
