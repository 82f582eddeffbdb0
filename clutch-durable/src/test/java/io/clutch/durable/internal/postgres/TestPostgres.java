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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A PostgreSQL server for tests: one for the whole JVM, or one of the test's own. */
public final class TestPostgres implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(TestPostgres.class);

  private static final AtomicInteger DATABASES = new AtomicInteger();

  @GuardedBy("TestPostgres.class")
  private static @Nullable TestPostgres shared;

  @GuardedBy("TestPostgres.class")
  private static @Nullable String trouble;

  private final Path home;
  private Server server;
  private boolean runs = true;

  /** One that runs, however it was started. */
  private record Server(int port, Stop stop) {
    /** How it ends. */
    interface Stop {
      void run() throws IOException;
    }
  }

  private TestPostgres(Path home, Server server) {
    this.home = home;
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
    Path home = Files.createTempDirectory("clutch-postgres");
    return new TestPostgres(home, start(home, 0));
  }

  private static Server start(Path home, int port) throws IOException {
    try {
      EmbeddedPostgres started =
          EmbeddedPostgres.builder()
              .setDataDirectory(home.resolve("data"))
              .setCleanDataDirectory(false)
              .setPort(port)
              // It would run beside the one that deletes the data, which the server's end needs.
              .setRegisterShutdownHook(false)
              .start();
      return new Server(started.getPort(), started::close);
    } catch (IOException | IllegalStateException e) {
      log.info("a PostgreSQL server of this user cannot be started; another user's is tried", e);
      try {
        ServerOfNobody started = ServerOfNobody.start(home, port);
        return new Server(started.port(), started::close);
      } catch (IOException second) {
        second.addSuppressed(e);
        throw second;
      }
    }
  }

  int port() {
    return server.port();
  }

  /** A new database's URL. */
  public String newDatabase() throws SQLException {
    String name = "test" + DATABASES.incrementAndGet();
    run("CREATE DATABASE " + name);
    return url(name);
  }

  private String url(String database) {
    return "postgresql://postgres:postgres@localhost:%d/%s".formatted(server.port(), database);
  }

  void run(String sql) throws SQLException {
    try (Connection connection = PostgresUrl.parse(url("postgres")).database().getConnection()) {
      Transactions.run(connection, sql);
    }
  }

  /** Stops it; what it has stays. */
  public void stop() throws IOException {
    runs = false;
    server.stop().run();
  }

  /** At the same port. */
  public void startAgain() throws IOException {
    server = start(home, server.port());
    runs = true;
  }

  @Override
  public void close() {
    try {
      if (runs) {
        stop();
      }
      MoreFiles.deleteRecursively(home, RecursiveDeleteOption.ALLOW_INSECURE);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
