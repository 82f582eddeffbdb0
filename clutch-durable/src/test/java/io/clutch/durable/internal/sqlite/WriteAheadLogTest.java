package io.clutch.durable.internal.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clutch.durable.internal.store.Statements;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriteAheadLogTest {

  @TempDir private Path folder;

  private final AtomicBoolean diskFails = new AtomicBoolean();
  private final AtomicInteger syncs = new AtomicInteger();
  private final WriteAheadLog log =
      new WriteAheadLog(
          () -> {
            syncs.incrementAndGet();
            if (diskFails.get()) {
              throw new IOException("Input/output error");
            }
          },
          () -> {});

  private Statements writing;

  @BeforeEach
  void open() throws SQLException {
    writing = connect();
    writing.run("CREATE TABLE t (x)");
  }

  private Statements connect() throws SQLException {
    return new Statements(
        DriverManager.getConnection(
            "jdbc:sqlite:" + folder.resolve("db") + "?journal_mode=WAL&busy_timeout=10"));
  }

  @AfterEach
  void close() throws SQLException {
    writing.close();
  }

  @Test
  void afterTheDiskHasFailedNothingIsPromisedUntilTheLogIsBegunAnew() throws Exception {
    diskFails.set(true);
    assertThatThrownBy(log::sync).isInstanceOf(IOException.class);
    // The kernel tells of an error once; what is lost stays lost.
    diskFails.set(false);
    assertThatThrownBy(log::sync).isInstanceOf(IOException.class);
    assertThat(syncs).hasValue(1);
    assertThat(Files.size(folder.resolve("db-wal"))).isPositive();

    log.mend(writing);
    log.sync();

    assertThat(syncs).hasValue(2);
    assertThat(Files.size(folder.resolve("db-wal"))).as("the log, begun anew").isZero();
  }

  @Test
  void theLogIsNotBegunAnewWithoutNeed() throws Exception {
    log.sync();
    log.mend(writing);

    assertThat(Files.size(folder.resolve("db-wal"))).isPositive();
  }

  @Test
  void whileTheLogCannotBeBegunAnewNothingIsWritten() throws Exception {
    diskFails.set(true);
    assertThatThrownBy(log::sync).isInstanceOf(IOException.class);
    diskFails.set(false);
    try (Statements other = connect()) {
      other.run("BEGIN");
      other.run("INSERT INTO t VALUES (1)");

      assertThatThrownBy(() -> log.mend(writing)).isInstanceOf(SQLException.class);
      other.run("COMMIT");
    }

    log.mend(writing);
    log.sync();
  }
}
