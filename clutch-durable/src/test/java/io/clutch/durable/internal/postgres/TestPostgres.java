package io.clutch.durable.internal.postgres;

import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/** A PostgreSQL server for tests: one for the whole JVM, or one of the test's own. */
public final class TestPostgres implements AutoCloseable {

  private static final AtomicInteger DATABASES = new AtomicInteger();

  @GuardedBy("TestPostgres.class")
  private static @Nullable TestPostgres shared;

  @GuardedBy("TestPostgres.class")
  private static @Nullable String trouble;

  private final Path data;
  private EmbeddedPostgres server;

  private TestPostgres(Path data, EmbeddedPostgres server) {
    this.data = data;
    this.server = server;
  }

  /** One that all tests share. Where none can be had, the test is skipped. */
  public static synchronized TestPostgres shared() {
    if (shared == null && trouble == null) {
      try {
        TestPostgres started = start();
        Runtime.getRuntime().addShutdownHook(new Thread(started::close));
        shared = started;
      } catch (IOException e) {
        trouble = e.toString();
      }
    }
    TestPostgres found = shared;
    if (found == null) {
      return Assumptions.abort("no PostgreSQL can be started here: " + trouble);
    }
    return found;
  }

  /** One of the test's own, to be stopped and started. */
  public static TestPostgres own() throws IOException {
    TestPostgres unused = shared();
    return start();
  }

  private static TestPostgres start() throws IOException {
    Path data = Files.createTempDirectory("clutch-postgres");
    try {
      return new TestPostgres(data, start(data, 0));
    } catch (IllegalStateException e) {
      throw new IOException(e);
    }
  }

  private static EmbeddedPostgres start(Path data, int port) throws IOException {
    return EmbeddedPostgres.builder()
        .setDataDirectory(data.resolve("data"))
        .setCleanDataDirectory(false)
        .setPort(port)
        .start();
  }

  int port() {
    return server.getPort();
  }

  /** A new database's URL. */
  public String newDatabase() throws SQLException {
    String name = "test" + DATABASES.incrementAndGet();
    run("CREATE DATABASE " + name);
    return url(name);
  }

  private String url(String database) {
    return "postgresql://postgres:postgres@localhost:%d/%s".formatted(server.getPort(), database);
  }

  void run(String sql) throws SQLException {
    try (Connection connection = server.getPostgresDatabase().getConnection()) {
      Transactions.run(connection, sql);
    }
  }

  /** Kills it; what it has stays. */
  public void stop() throws IOException {
    server.close();
  }

  public void startAgain() throws IOException {
    server = start(data, server.getPort());
  }

  @Override
  public void close() {
    try {
      server.close();
      deleteAll(data);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void deleteAll(Path folder) throws IOException {
    MoreFiles.deleteRecursively(folder, RecursiveDeleteOption.ALLOW_INSECURE);
  }
}
