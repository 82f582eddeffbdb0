package io.clutch.supervisor.internal.net;

import io.netty.channel.Channel;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.UnixChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** An accepted connection that nothing was read from. */
public final class Connection {

  private static final String LOCAL = "unix";

  private final Channel channel;

  /** One that is not registered. */
  public Connection(Channel channel) {
    this.channel = channel;
  }

  /** The host at the other end; one name for all that come through Unix-domain sockets. */
  public String host() {
    SocketAddress remote = channel.remoteAddress();
    return remote instanceof InetSocketAddress address && address.getAddress() != null
        ? address.getAddress().getHostAddress()
        : LOCAL;
  }

  FileDescriptor descriptor() {
    return ((UnixChannel) channel).fd();
  }

  /** Closes this process's end of it; whoever was given it keeps theirs. */
  public void close() {
    channel.unsafe().closeForcibly();
  }
}
