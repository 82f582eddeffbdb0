package io.clutch.durable.internal.sqlite;

import static java.util.Objects.requireNonNull;

import io.clutch.durable.internal.store.Statements;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * The log that SQLite appends what is committed to. SQLite could wait for the disk at each commit
 * ({@code synchronous = FULL}), but would keep all writers waiting meanwhile; here commits don't
 * wait ({@code NORMAL}), and whoever promises that something is on the disk waits beside them. What
 * is on the disk then is the same: everything up to the last commit before. Thread-safe.
 */
final class WriteAheadLog implements AutoCloseable {

  private final Sync disk;
  private final Closeable file;

  /**
   * Whether the disk has failed: what the log holds may have gaps, behind which nothing is found.
   */
  private volatile boolean mayHaveGaps;

  /** Waits for the disk. */
  interface Sync {
    void run() throws IOException;
  }

  WriteAheadLog(Sync disk, Closeable file) {
    this.disk = disk;
    this.file = file;
  }

  /** Opens the log of a database that is open, and was written to. */
  static WriteAheadLog open(Path log) throws IOException {
    // SQLite has no locks on this file, so closing it gives up none.
    FileChannel file = FileChannel.open(log, StandardOpenOption.WRITE);
    // A new file that is not in its folder yet is lost with all that is in it.
    try (FileChannel folder =
        FileChannel.open(requireNonNull(log.getParent()), StandardOpenOption.READ)) {
      folder.force(true);
    } catch (IOException e) {
      file.close();
      throw e;
    }
    return new WriteAheadLog(() -> file.force(false), file);
  }

  /**
   * Returns once what was committed before is on the disk. One at a time: the system tells of an
   * error once, and it is everybody's.
   */
  synchronized void sync() throws IOException {
    if (mayHaveGaps) {
      throw new IOException("the disk has failed");
    }
    try {
      disk.run();
    } catch (IOException e) {
      mayHaveGaps = true;
      throw e;
    }
  }

  /** Whether the disk has failed, and {@link #mend} is to be called. */
  boolean mayHaveGaps() {
    return mayHaveGaps;
  }

  /**
   * To be called before each commit: after the disk has failed, has everything written to the
   * database itself, and the log begun anew. An error of the disk is told once, so nothing less
   * shows whether all of the log is there.
   */
  void mend(Statements writing) throws SQLException {
    if (!mayHaveGaps()) {
      return;
    }
    try (ResultSet answer = writing.of("PRAGMA wal_checkpoint(TRUNCATE)").executeQuery()) {
      if (!answer.next() || answer.getInt(1) != 0) {
        throw new SQLException("the disk has failed, and the log cannot be begun anew yet");
      }
    }
    mayHaveGaps = false;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
