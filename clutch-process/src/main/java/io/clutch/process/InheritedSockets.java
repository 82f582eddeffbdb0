package io.clutch.process;

import com.google.common.base.Splitter;
import com.google.common.base.Strings;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.primitives.Ints;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The listening sockets that a service manager opened for this process: systemd's, as
 * sd_listen_fds(3) describes them, and Server::Starter's.
 */
public final class InheritedSockets {

  private static final String LISTEN_PID = "LISTEN_PID";
  private static final String LISTEN_FDS = "LISTEN_FDS";
  private static final String LISTEN_FDNAMES = "LISTEN_FDNAMES";
  private static final String SERVER_STARTER_PORT = "SERVER_STARTER_PORT";

  /** The first descriptor that systemd passes. */
  private static final int FIRST = 3;

  /** The variables that speak of them: not for the children of this process, which lack them. */
  public static final ImmutableSet<String> VARIABLES =
      ImmutableSet.of(
          LISTEN_PID,
          LISTEN_FDS,
          LISTEN_FDNAMES,
          "LISTEN_PIDFDID",
          SERVER_STARTER_PORT,
          "SERVER_STARTER_GENERATION");

  private InheritedSockets() {}

  /**
   * Those of this process.
   *
   * @throws IllegalArgumentException where a variable makes no sense; the message names it and its
   *     value
   */
  public static ImmutableList<InheritedSocket> ofProcess() {
    return find(System::getenv, ProcessHandle.current().pid());
  }

  static ImmutableList<InheritedSocket> find(
      Function<String, @Nullable String> environment, long pid) {
    return ImmutableList.<InheritedSocket>builder()
        .addAll(systemd(environment, pid))
        .addAll(serverStarter(environment))
        .build();
  }

  private static ImmutableList<InheritedSocket> systemd(
      Function<String, @Nullable String> environment, long pid) {
    String count = environment.apply(LISTEN_FDS);
    // The variables of another process, which this one was started by.
    if (count == null || !String.valueOf(pid).equals(environment.apply(LISTEN_PID))) {
      return ImmutableList.of();
    }
    Integer number = Ints.tryParse(count);
    if (number == null || number < 0) {
      throw new IllegalArgumentException(
          "%s is '%s': want a whole number".formatted(LISTEN_FDS, count));
    }
    List<String> names =
        Splitter.on(':').splitToList(Strings.nullToEmpty(environment.apply(LISTEN_FDNAMES)));
    ImmutableList.Builder<InheritedSocket> sockets = ImmutableList.builder();
    for (int i = 0; i < number; i++) {
      String name = i < names.size() && !names.get(i).isEmpty() ? names.get(i) : "unknown";
      sockets.add(new InheritedSocket(FIRST + i, name, LISTEN_FDS));
    }
    return sockets.build();
  }

  /** {@code host:port=fd}, {@code port=fd} or {@code path=fd}, separated by semicolons. */
  private static ImmutableList<InheritedSocket> serverStarter(
      Function<String, @Nullable String> environment) {
    ImmutableList.Builder<InheritedSocket> sockets = ImmutableList.builder();
    String ports = Strings.nullToEmpty(environment.apply(SERVER_STARTER_PORT));
    for (String port : Splitter.on(';').omitEmptyStrings().trimResults().split(ports)) {
      int equals = port.lastIndexOf('=');
      Integer descriptor = Ints.tryParse(port.substring(equals + 1));
      if (equals < 1 || descriptor == null || descriptor < 0) {
        throw new IllegalArgumentException(
            "%s is '%s': want host:port=fd, port=fd or path=fd, separated by ';'"
                .formatted(SERVER_STARTER_PORT, ports));
      }
      sockets.add(new InheritedSocket(descriptor, port.substring(0, equals), SERVER_STARTER_PORT));
    }
    return sockets.build();
  }
}
