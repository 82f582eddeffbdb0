package io.clutch.durable.internal.postgres;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A PostgreSQL server that runs as another user: it refuses to be root's, and not everywhere may
 * root make a user namespace to hide that from it.
 */
final class ServerOfNobody implements AutoCloseable {

  private static final List<List<String>> WAYS =
      List.of(
          List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"),
          List.of("runuser", "-u", "nobody", "--"));

  private final List<String> way;
  private final Path programs;
  private final Path data;
  private final int port;

  private ServerOfNobody(List<String> way, Path programs, Path data, int port) {
    this.way = way;
    this.programs = programs;
    this.data = data;
    this.port = port;
  }

  /**
   * Starts one.
   *
   * @param home a folder of its own
   * @param port 0 is any
   */
  static ServerOfNobody start(Path home, int port) throws IOException {
    Path programs = programs();
    Path data = home.resolve("data");
    IOException last = new IOException("no way");
    for (List<String> way : WAYS) {
      try {
        run(List.of(), List.of("chown", "-R", "65534:65534", home.toString()));
        if (!Files.exists(data.resolve("postgresql.conf"))) {
          run(
              way,
              List.of(
                  programs.resolve("initdb").toString(),
                  "-D" + data,
                  "-Upostgres",
                  "-Atrust",
                  "-EUTF8",
                  "--locale=C"));
        }
        ServerOfNobody server =
            new ServerOfNobody(way, programs, data, port == 0 ? freePort() : port);
        server.control(
            "start",
            "-l" + data.resolve("log"),
            "-o-p %d -F -c unix_socket_directories=''".formatted(server.port));
        return server;
      } catch (IOException e) {
        last = e;
      }
    }
    throw last;
  }

  /** What a server that could not be started has unpacked. */
  private static Path programs() throws IOException {
    Path unpacked = Path.of(System.getProperty("java.io.tmpdir"), "embedded-pg");
    if (!Files.isDirectory(unpacked)) {
      throw new IOException("there is no '%s'".formatted(unpacked));
    }
    try (Stream<Path> versions = Files.list(unpacked)) {
      return versions
          .map(version -> version.resolve("bin"))
          .filter(programs -> Files.isExecutable(programs.resolve("initdb")))
          .findAny()
          .orElseThrow(() -> new IOException("nothing was unpacked in '%s'".formatted(unpacked)));
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  int port() {
    return port;
  }

  private void control(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(programs.resolve("pg_ctl").toString());
    command.addAll(List.of("-w", "-D" + data));
    command.addAll(List.of(arguments));
    run(way, command);
  }

  private static void run(Collection<String> way, List<String> command) throws IOException {
    List<String> all = new ArrayList<>(way);
    all.addAll(command);
    Path output = Files.createTempFile("clutch-postgres", ".out");
    try {
      Process process =
          new ProcessBuilder(all)
              .directory(Path.of("/").toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        Process unused = process.destroyForcibly();
        throw new IOException(all + " takes too long");
      }
      if (process.exitValue() != 0) {
        throw new IOException(all + ": " + Files.readString(output, StandardCharsets.UTF_8));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    } finally {
      boolean unused = Files.deleteIfExists(output);
    }
  }

  @Override
  public void close() throws IOException {
    control("stop", "-mfast");
  }
}
