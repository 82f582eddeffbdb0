package io.clutch.supervisor.internal.systemd;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.primitives.Longs;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd how the service does, as sd_notify(3) describes it; nothing where {@code
 * NOTIFY_SOCKET} is not set. Used by one thread.
 */
public final class SystemdNotifier {

  private static final Logger log = LoggerFactory.getLogger(SystemdNotifier.class);

  private final @Nullable Socket socket;

  /** The address of systemd's socket, as the kernel has it. */
  private final byte[] address;

  private final @Nullable Duration watchdogInterval;
  private String lastStatus = "";

  private SystemdNotifier(
      @Nullable Socket socket, byte[] address, @Nullable Duration watchdogInterval) {
    this.socket = socket;
    this.address = address;
    this.watchdogInterval = watchdogInterval;
  }

  /** The one that the environment asks for. */
  public static SystemdNotifier of(Function<String, @Nullable String> environment) {
    String name = environment.apply("NOTIFY_SOCKET");
    if (name == null || name.length() < 2 || !(name.startsWith("/") || name.startsWith("@"))) {
      return new SystemdNotifier(null, new byte[0], null);
    }
    byte[] address = name.getBytes(UTF_8);
    if (address[0] == '@') {
      // It stands for the zero byte of a name that is not in the file system.
      address[0] = 0;
    }
    Epoll.ensureAvailability();
    return new SystemdNotifier(
        Socket.newSocketDomainDgram(), address, watchdogInterval(environment));
  }

  private static @Nullable Duration watchdogInterval(
      Function<String, @Nullable String> environment) {
    String pid = environment.apply("WATCHDOG_PID");
    String micros = environment.apply("WATCHDOG_USEC");
    Long interval = micros == null ? null : Longs.tryParse(micros);
    boolean isOurs = pid == null || pid.equals(String.valueOf(ProcessHandle.current().pid()));
    return interval == null || interval <= 0 || !isOurs
        ? null
        : Duration.ofNanos(interval * 1_000 / 2);
  }

  /** How often {@link #watchdog} is expected; empty where it is not. */
  public Optional<Duration> watchdogInterval() {
    return Optional.ofNullable(watchdogInterval);
  }

  /** The service serves, or serves again after a reload. */
  public void ready() {
    send("READY=1");
  }

  /** The service replaces its processes. */
  public void reloading() {
    // What System.nanoTime reads on Linux is CLOCK_MONOTONIC, as systemd wants.
    send("RELOADING=1\nMONOTONIC_USEC=" + System.nanoTime() / 1_000);
  }

  /** The service is about to end. */
  public void stopping() {
    send("STOPPING=1");
  }

  /** The service is alive. */
  public void watchdog() {
    send("WATCHDOG=1");
  }

  /** A line for people; sent where it has changed. */
  public void status(String line) {
    if (!line.equals(lastStatus)) {
      lastStatus = line;
      send("STATUS=" + line);
    }
  }

  private void send(String message) {
    Socket open = socket;
    if (open == null) {
      return;
    }
    byte[] bytes = message.getBytes(UTF_8);
    ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    try {
      open.sendToDomainSocket(buffer, 0, bytes.length, address);
    } catch (IOException e) {
      log.warn("cannot notify systemd: {}", e.toString());
    }
  }

  /** Sends no more. */
  public void close() {
    try {
      if (socket != null) {
        socket.close();
      }
    } catch (IOException e) {
      log.debug("cannot close the socket to systemd", e);
    }
  }
}
