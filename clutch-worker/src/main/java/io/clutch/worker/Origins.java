package io.clutch.worker;

import com.google.common.collect.ImmutableSet;
import com.google.common.net.InetAddresses;
import io.clutch.security.Identity;
import io.clutch.v1.Origin;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/** Where a call comes from, when another process is to know it, or another day. */
final class Origins {

  private Origins() {}

  static Origin of(Identity identity, @Nullable SocketAddress peer) {
    Origin.Builder origin = Origin.newBuilder().addAllIdentity(identity.names());
    if (peer instanceof InetSocketAddress address && !address.isUnresolved()) {
      origin.setPeerHost(address.getAddress().getHostAddress()).setPeerPort(address.getPort());
    }
    return origin.build();
  }

  static Identity identity(Origin origin) {
    return new Identity(ImmutableSet.copyOf(origin.getIdentityList()));
  }

  static @Nullable SocketAddress peer(Origin origin) {
    return InetAddresses.isInetAddress(origin.getPeerHost())
        ? new InetSocketAddress(
            InetAddresses.forString(origin.getPeerHost()), origin.getPeerPort() & 0xffff)
        : null;
  }
}
