package io.clutch.supervisor.internal.keep;

import io.clutch.process.ListeningSockets;
import io.clutch.process.PrivateFolder;
import io.clutch.process.UnixSockets;
import io.clutch.supervisor.internal.control.ControlPath;
import io.clutch.supervisor.internal.control.ControlServer;
import io.clutch.supervisor.internal.process.Launcher;
import io.clutch.supervisor.internal.systemd.SystemdNotifier;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that a supervisor holds of the system around it, to be given back in the end.
 *
 * @param folder its private one, in which its socket and its children's sockets are
 */
record Premises(
    EventLoopGroup loops,
    Path folder,
    Path controlSocket,
    ControlPath controlPath,
    ListeningSockets listeners,
    Launcher launcher,
    SystemdNotifier systemd,
    @Nullable PidFile pidFile) {

  private static final Logger log = LoggerFactory.getLogger(Premises.class);
  private static final Duration LAST_OUTPUT = Duration.ofSeconds(2);

  /** Gives all back. */
  void close(@Nullable ControlServer control) {
    listeners.close();
    controlPath.release();
    if (control != null) {
      control.close();
    }
    try {
      PidFile.delete(pidFile);
    } catch (IOException e) {
      log.warn("cannot delete the pid file: {}", e.toString());
    }
    systemd.close();
    UnixSockets.stop(loops);
    PrivateFolder.delete(folder);
    launcher.out().close(LAST_OUTPUT);
    launcher.err().close(LAST_OUTPUT);
  }
}
