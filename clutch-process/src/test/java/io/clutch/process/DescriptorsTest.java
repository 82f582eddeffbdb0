package io.clutch.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.Channel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.Native;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class DescriptorsTest {

  private static final int NOBODYS = 1_000_000;

  @TempDir Path folder;

  @BeforeAll
  static void loadNativeCode() {
    Epoll.ensureAvailability();
  }

  @Test
  void aSocketThatListensIsAListenerOfItsKind() throws IOException {
    Channel tcp = listener(TestDescriptors.listeningTcp());
    Channel unix = listener(TestDescriptors.listeningUnix(folder.resolve("listener.sock")));

    assertThat(tcp).isInstanceOf(EpollServerSocketChannel.class);
    assertThat(unix).isInstanceOf(EpollServerDomainSocketChannel.class);
    tcp.unsafe().closeForcibly();
    unix.unsafe().closeForcibly();
  }

  @Test
  void aSocketThatDoesNotListenIsNoListener() throws IOException {
    Socket bound = TestDescriptors.boundTcp();
    Socket datagrams = Socket.newSocketDgram();

    assertRefused(bound.intValue(), "no listening stream socket");
    assertRefused(datagrams.intValue(), "no listening stream socket");

    bound.close();
    datagrams.close();
  }

  @Test
  void whatIsNoSocketIsNoListener() throws IOException {
    FileDescriptor event = Native.newEventFd();

    assertRefused(event.intValue(), "non-socket");
    assertRefused(NOBODYS, "Bad file descriptor");

    event.close();
  }

  @Test
  void aConnectionIsOfItsKind() throws IOException {
    Channel tcp = Descriptors.connection(Socket.newSocketStream().intValue());
    Channel unix = Descriptors.connection(Socket.newSocketDomain().intValue());

    assertThat(tcp).isInstanceOf(EpollSocketChannel.class);
    assertThat(unix).isInstanceOf(EpollDomainSocketChannel.class);
    tcp.unsafe().closeForcibly();
    unix.unsafe().closeForcibly();
  }

  @Test
  void whatIsNoConnectionIsClosed() throws IOException {
    int event = Native.newEventFd().intValue();

    assertThatThrownBy(() -> Descriptors.connection(event))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("descriptor " + event + " is no socket");

    Path link = Path.of("/proc/self/fd", String.valueOf(event));
    assertThat(Files.exists(link, LinkOption.NOFOLLOW_LINKS)).isFalse();
  }

  private static Channel listener(Socket socket) throws IOException {
    return Descriptors.listener(new InheritedSocket(socket.intValue(), "web", "LISTEN_FDS"));
  }

  private static void assertRefused(int descriptor, String why) {
    assertThatThrownBy(
            () -> Descriptors.listener(new InheritedSocket(descriptor, "web", "LISTEN_FDS")))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll("descriptor " + descriptor, "'web' in LISTEN_FDS", why);
  }
}
