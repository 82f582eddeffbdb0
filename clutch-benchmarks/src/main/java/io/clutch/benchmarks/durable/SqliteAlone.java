package io.clutch.benchmarks.durable;

import com.google.common.base.Strings;
import com.google.common.collect.ImmutableMap;
import io.clutch.benchmarks.program.Fields;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * The yardstick: what SQLite does on this disk in a program that does nothing else, every commit of
 * which waits for the disk. A row has a text that is unique and grows, as the ids of jobs do, and
 * 150 bytes.
 */
final class SqliteAlone {

  private static final int GROUP = 32;

  private final Durable.Plan plan;
  private final PrintStream progress;
  private long rows;

  SqliteAlone(Durable.Plan plan, PrintStream progress) {
    this.plan = plan;
    this.progress = progress;
  }

  /** Measures, and adds what came out. */
  void run(Path parent, List<JobLine> lines, ImmutableMap.Builder<String, Double> figures)
      throws IOException {
    progress.println("durable calls: SQLite alone");
    Path file = Files.createTempDirectory(parent, "alone").resolve("rows.db");
    Rounds single = new Rounds();
    Rounds grouped = new Rounds();
    try (Connection connection =
        DriverManager.getConnection("jdbc:sqlite:" + file + "?journal_mode=WAL&synchronous=FULL")) {
      try (Statement statement = connection.createStatement()) {
        boolean unused =
            statement.execute(
                "CREATE TABLE job (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, record BLOB)");
      }
      connection.setAutoCommit(false);
      try (PreparedStatement insert =
          connection.prepareStatement("INSERT INTO job (id, record) VALUES (?, ?)")) {
        var unused = commits(connection, insert, GROUP, plan.warmUp());
        for (int round = 0; round < plan.rounds(); round++) {
          single.add(commits(connection, insert, 1, plan.measured()));
          grouped.add(commits(connection, insert, GROUP, plan.measured()));
        }
      }
    } catch (SQLException e) {
      throw new IOException("SQLite alone failed: " + e.getMessage(), e);
    }
    String contestant = Store.sqlite(parent).description() + ", alone";
    lines.add(single.line("rows, 1 a commit", contestant, 1, 1));
    lines.add(grouped.line("rows, " + GROUP + " a commit", contestant, 1.0 / GROUP, 1.0 / GROUP));
    figures.put("sqlite_alone_commits", single.median("rate"));
    figures.put("sqlite_alone_rows", grouped.median("rate"));
  }

  /** Rows a second, and how long commits took. */
  private Fields commits(
      Connection connection, PreparedStatement insert, int group, Duration duration)
      throws SQLException {
    long[] nanos = new long[1 << 20];
    int commits = 0;
    byte[] record = new byte[150];
    long began = System.nanoTime();
    long now = began;
    while (now - began < duration.toNanos() && commits < nanos.length) {
      for (int i = 0; i < group; i++) {
        insert.setString(1, Strings.padStart(Long.toString(rows++), 36, '0'));
        insert.setBytes(2, record);
        int unused = insert.executeUpdate();
      }
      connection.commit();
      long ended = System.nanoTime();
      nanos[commits++] = ended - now;
      now = ended;
    }
    Arrays.sort(nanos, 0, commits);
    return Fields.none()
        .with("rate", commits * (double) group / ((now - began) / 1e9))
        .with("p50", nanos[commits / 2] / 1e3)
        .with("p99", nanos[(int) (commits * 0.99)] / 1e3)
        .with("failed", 0);
  }
}
