package io.clutch.supervisor.internal.keep;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import io.clutch.process.InheritedSocket;
import io.clutch.process.ListeningSockets;
import io.clutch.process.PrivateFolder;
import io.clutch.process.UnixSockets;
import io.clutch.protocol.ServerAddress;
import io.clutch.supervisor.internal.control.ControlPath;
import io.clutch.supervisor.internal.control.ControlRequests;
import io.clutch.supervisor.internal.control.ControlServer;
import io.clutch.supervisor.internal.net.Connection;
import io.clutch.supervisor.internal.pool.Pool;
import io.clutch.supervisor.internal.pool.PoolSettings;
import io.clutch.supervisor.internal.process.Launcher;
import io.clutch.supervisor.internal.process.LineSink;
import io.clutch.supervisor.internal.systemd.SystemdNotifier;
import io.clutch.v1.PoolEvent;
import io.clutch.v1.PoolStatus;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A pool from its start to its end. Thread-safe. */
public final class RunningPool {

  /**
   * What it needs to know beside the {@link PoolSettings}.
   *
   * @param controlPath null is the standard one
   * @param environment what children find in theirs beside this process's
   */
  public record Setup(
      ImmutableList<String> command,
      ImmutableMap<String, String> environment,
      ImmutableList<ServerAddress> addresses,
      ImmutableList<InheritedSocket> inherited,
      @Nullable Path controlPath,
      @Nullable Path pidFile,
      @Nullable Path statusFile,
      boolean rawOutput,
      OutputStream out,
      OutputStream err) {}

  private final ControlDesk desk;
  private final ImmutableList<String> addresses;
  private final CompletableFuture<Integer> exitCode;

  private RunningPool(
      ControlDesk desk, ImmutableList<String> addresses, CompletableFuture<Integer> exitCode) {
    this.desk = desk;
    this.addresses = addresses;
    this.exitCode = exitCode;
  }

  /**
   * Starts it: listens, and starts the first children.
   *
   * @param listener is told of every event, on the pool's thread
   * @throws IOException where an address, the control socket or a file cannot be had; the message
   *     names it
   */
  public static RunningPool start(Setup setup, PoolSettings settings, Consumer<PoolEvent> listener)
      throws IOException {
    EventLoopGroup loops = UnixSockets.eventLoops("clutch-supervisor", 1);
    Path folder = PrivateFolder.createTemporary();
    PidFile pidFile = null;
    try {
      Path controlSocket = folder.resolve("control.sock");
      ControlPath controlPath =
          new ControlPath(
              setup.controlPath() == null ? ControlPath.standard() : setup.controlPath(),
              controlSocket);
      Identity identity = Identity.ofProcess(System::getenv);
      boolean isHeldByPredecessor = isHeldByPredecessor(controlPath, identity, loops);
      if (setup.pidFile() != null && identity.starterGeneration() != null) {
        throw new IOException(
            "two supervisors live at the same time under Server::Starter: leave the pid file to"
                + " start_server, by its own --pid-file");
      }
      if (setup.pidFile() != null) {
        pidFile = PidFile.write(setup.pidFile());
      }
      Beginning beginning = new Beginning(setup, settings, identity, listener, loops, folder);
      return beginning.open(controlSocket, controlPath, isHeldByPredecessor, pidFile);
    } catch (IOException | RuntimeException e) {
      PidFile.delete(pidFile);
      UnixSockets.stop(loops);
      PrivateFolder.delete(folder);
      throw e;
    }
  }

  /**
   * Whether the control path belongs to the supervisor that this one is to follow, under the same
   * Server::Starter.
   *
   * @throws IOException where it belongs to any other one that lives
   */
  private static boolean isHeldByPredecessor(
      ControlPath path, Identity identity, EventLoopGroup loops) throws IOException {
    Optional<PoolStatus> holder = path.holder(loops);
    if (holder.isEmpty()) {
      return false;
    }
    PoolStatus other = holder.get();
    Integer generation = identity.starterGeneration();
    if (generation != null
        && other.hasServerStarterGeneration()
        && other.getServerStarterGeneration() < generation
        && other.getParentProcessId() == identity.parentPid()) {
      return true;
    }
    throw new IOException(
        "the supervisor with pid %d is controlled by '%s'; give this one another path by --control"
            .formatted(other.getProcessId(), path));
  }

  /** What is needed while it begins. */
  private record Beginning(
      Setup setup,
      PoolSettings settings,
      Identity identity,
      Consumer<PoolEvent> listener,
      EventLoopGroup loops,
      Path folder) {

    RunningPool open(
        Path controlSocket,
        ControlPath controlPath,
        boolean isHeldByPredecessor,
        @Nullable PidFile pidFile)
        throws IOException {
      InstantSource clock = new MonotonicClock();
      PoolThread thread = new PoolThread(clock);
      ListeningSockets listeners =
          ListeningSockets.open(setup.addresses(), setup.inherited(), loops);
      try {
        Premises premises =
            new Premises(
                loops,
                folder,
                controlSocket,
                controlPath,
                listeners,
                launcher(),
                SystemdNotifier.of(System::getenv),
                pidFile);
        CompletableFuture<Integer> exitCode = new CompletableFuture<>();
        AtomicReference<@Nullable ControlServer> control = new AtomicReference<>();
        PoolKeeper keeper =
            new PoolKeeper(
                thread,
                clock,
                new Pool(settings, new Random()),
                premises,
                identity,
                isHeldByPredecessor,
                new StatusFile(setup.statusFile()),
                listener,
                code -> {
                  try {
                    premises.close(control.get());
                  } finally {
                    exitCode.complete(code);
                  }
                });
        listeners.handler(
            connection ->
                thread.execute(() -> keeper.reception().take(new Connection(connection))));
        ControlDesk desk = new ControlDesk(thread, keeper, new ChildDesk(thread, keeper, loops));
        control.set(ControlServer.start(controlSocket, loops, desk));
        if (!isHeldByPredecessor) {
          controlPath.claim();
        }
        thread.start(keeper::lookAround);
        return new RunningPool(desk, listeners.addresses(), exitCode);
      } catch (IOException e) {
        listeners.close();
        throw e;
      }
    }

    private Launcher launcher() {
      return new Launcher(
          setup.command(),
          setup.environment(),
          !setup.rawOutput(),
          LineSink.to(setup.out(), "clutch-stdout"),
          LineSink.to(setup.err(), "clutch-stderr"));
    }
  }

  /** Where it listens, with the real ports. */
  public ImmutableList<String> addresses() {
    return addresses;
  }

  /** What anyone may ask for. */
  public ControlRequests requests() {
    return desk;
  }

  /** What signals ask for. */
  public void signal(Signal signal) {
    desk.signal(signal);
  }

  /** The exit code, when all is over. */
  public CompletableFuture<Integer> exitCode() {
    return exitCode;
  }
}
