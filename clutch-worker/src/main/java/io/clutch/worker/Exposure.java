package io.clutch.worker;

import com.google.common.base.Ascii;
import com.google.common.collect.ImmutableList;
import com.google.common.net.InetAddresses;
import io.clutch.protocol.ServerAddress;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Warns whoever opens a worker to a network without noticing. */
final class Exposure {

  private static final Logger log = LoggerFactory.getLogger(Worker.class);

  private Exposure() {}

  /** The addresses that other machines may reach. */
  static ImmutableList<String> beyondThisMachine(List<String> addresses) {
    return addresses.stream()
        .filter(Exposure::isReachable)
        .collect(ImmutableList.toImmutableList());
  }

  private static boolean isReachable(String address) {
    if (address.startsWith("/")) {
      // The path of a Unix-domain socket.
      return false;
    }
    String host = ServerAddress.parse(address).host();
    return !Ascii.equalsIgnoreCase(host, "localhost")
        && !(InetAddresses.isInetAddress(host)
            && InetAddresses.forString(host).isLoopbackAddress());
  }

  /** Warns where some of these addresses are within reach of other machines. */
  static void warnOf(List<String> addresses) {
    ImmutableList<String> reachable = beyondThisMachine(addresses);
    if (reachable.isEmpty()) {
      return;
    }
    log.warn(
        "ANYONE WHO REACHES {} CAN CALL EVERY FUNCTION OF THIS WORKER, and anyone on the way can"
            + " listen: it has neither TLS nor tokens. See docs/security.md; where the network is to"
            + " be trusted, say so: insecure(), --insecure or CLUTCH_INSECURE=true",
        String.join(", ", reachable));
  }
}
