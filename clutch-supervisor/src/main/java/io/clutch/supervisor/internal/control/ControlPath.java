package io.clutch.supervisor.internal.control;

import io.clutch.process.PrivateFolder;
import io.clutch.process.UnixSockets;
import io.clutch.v1.PoolGrpc;
import io.clutch.v1.PoolStatus;
import io.clutch.v1.StatusRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where people find the control socket: a symbolic link to the socket in the supervisor's private
 * folder, so that a new supervisor takes the name over in one step while the old one goes on.
 */
public final class ControlPath {

  private static final Logger log = LoggerFactory.getLogger(ControlPath.class);
  private static final String NAME = "control.sock";
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(10);

  private final Path path;
  private final Path socket;

  /**
   * @param socket what it leads to
   */
  public ControlPath(Path path, Path socket) {
    this.path = path.toAbsolutePath();
    this.socket = socket.toAbsolutePath();
  }

  /**
   * Where it is unless someone says otherwise: in the user's folder for what runs.
   *
   * @throws IOException where that folder is not the user's own
   */
  public static Path standard() throws IOException {
    String runtime = System.getenv("XDG_RUNTIME_DIR");
    Path folder =
        runtime != null && Files.isDirectory(Path.of(runtime))
            ? Path.of(runtime, "clutch")
            : Path.of(System.getProperty("java.io.tmpdir", "/tmp"))
                .resolve("clutch-" + UnixSockets.ownUser());
    return PrivateFolder.at(folder).resolve(NAME);
  }

  /**
   * The supervisor that answers there now, if any.
   *
   * @throws IOException where someone holds the path who does not answer, or something else is
   *     there
   */
  public Optional<PoolStatus> holder(EventLoopGroup loops) throws IOException {
    return holder(loops, ANSWER_LIMIT);
  }

  Optional<PoolStatus> holder(EventLoopGroup loops, Duration atMost) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return Optional.empty();
    }
    if (!Files.isSymbolicLink(path)) {
      throw new IOException("'%s' is in the way: it is no control socket".formatted(path));
    }
    if (!Files.exists(path)) {
      return Optional.empty();
    }
    ManagedChannel channel = UnixSockets.channel(path.toRealPath(), loops);
    try {
      return Optional.of(
          PoolGrpc.newBlockingStub(channel)
              .withDeadlineAfter(atMost.toMillis(), TimeUnit.MILLISECONDS)
              .status(StatusRequest.getDefaultInstance())
              .getPool());
    } catch (StatusRuntimeException e) {
      return switch (e.getStatus().getCode()) {
        case UNAVAILABLE -> Optional.empty();
        default ->
            throw new IOException(
                "someone holds '%s' and does not answer: %s".formatted(path, e.getStatus()), e);
      };
    } finally {
      channel.shutdownNow();
    }
  }

  /** Makes the path lead to this supervisor, whatever it led to. */
  public void claim() throws IOException {
    Path parent = path.getParent();
    if (parent != null && !Files.isDirectory(parent)) {
      throw new IOException("there is no folder '%s' for the control socket".formatted(parent));
    }
    try {
      Files.createSymbolicLink(path, socket);
    } catch (FileAlreadyExistsException e) {
      Path link = path.resolveSibling(path.getFileName() + "." + ProcessHandle.current().pid());
      Files.deleteIfExists(link);
      Files.createSymbolicLink(link, socket);
      Files.move(link, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Takes it away, unless another supervisor has taken it over. */
  public void release() {
    try {
      if (Files.isSymbolicLink(path) && Files.readSymbolicLink(path).equals(socket)) {
        Files.delete(path);
      }
    } catch (IOException e) {
      log.warn("cannot delete '{}': {}", path, e.toString());
    }
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
