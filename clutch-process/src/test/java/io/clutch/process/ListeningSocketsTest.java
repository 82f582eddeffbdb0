package io.clutch.process;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableList;
import io.clutch.protocol.ServerAddress;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@EnabledOnOs(OS.LINUX)
class ListeningSocketsTest {

  @TempDir Path folder;

  private final EventLoopGroup loops = UnixSockets.eventLoops("test-listening", 1);
  private final List<Channel> accepted = new CopyOnWriteArrayList<>();
  private @Nullable ListeningSockets sockets;

  @AfterEach
  void close() {
    if (sockets != null) {
      sockets.close();
    }
    accepted.forEach(channel -> channel.unsafe().closeForcibly());
    UnixSockets.stop(loops);
  }

  @Test
  void portZeroIsAPortOfItsOwnThatClientsReach() throws IOException {
    open("127.0.0.1:0").accept(true);
    assertThat(sockets.addresses()).singleElement().asString().matches("127\\.0\\.0\\.1:\\d{2,5}");

    try (Socket client = connect(sockets.addresses().get(0))) {
      await().until(() -> accepted.size() == 1);
      assertThat(accepted.get(0).remoteAddress()).isEqualTo(client.getLocalSocketAddress());
      assertThat(accepted.get(0).isRegistered()).isFalse();
    }
  }

  @Test
  void eachAddressIsListenedOn() throws IOException {
    open("127.0.0.1:0", "[::1]:0").accept(true);
    assertThat(sockets.addresses()).hasSize(2);
    assertThat(sockets.addresses().get(1)).startsWith("[::1]:");

    try (Socket first = connect(sockets.addresses().get(0));
        Socket second = connect(sockets.addresses().get(1))) {
      await().until(() -> accepted.size() == 2);
      assertThat(accepted)
          .extracting(Channel::remoteAddress)
          .containsExactlyInAnyOrder(first.getLocalSocketAddress(), second.getLocalSocketAddress());
    }
  }

  @Test
  void connectionsWaitUntilTheyMayBeAccepted() throws Exception {
    open("127.0.0.1:0");
    String address = sockets.addresses().get(0);

    try (Socket early = connect(address)) {
      await().during(Duration.ofMillis(100)).until(accepted::isEmpty);
      sockets.accept(true);
      await().until(() -> accepted.size() == 1);

      sockets.accept(false);
      String unused = loops.submit(() -> "done").get(10, SECONDS);
      try (Socket late = connect(address)) {
        await().during(Duration.ofMillis(100)).until(() -> accepted.size() == 1);
        sockets.accept(true);
        await().until(() -> accepted.size() == 2);
        assertThat(accepted)
            .extracting(Channel::remoteAddress)
            .containsExactly(early.getLocalSocketAddress(), late.getLocalSocketAddress());
      }
    }
  }

  @Test
  void anInheritedSocketIsListenedOnAsItIs() throws IOException {
    var inherited = TestDescriptors.listeningTcp();
    int port = inherited.localAddress().getPort();

    sockets = inherit(inherited.intValue());
    sockets.accept(true);

    assertThat(sockets.addresses()).containsExactly("127.0.0.1:" + port);
    try (Socket client = connect("127.0.0.1:" + port)) {
      await().until(() -> accepted.size() == 1);
      assertThat(accepted.get(0).remoteAddress()).isEqualTo(client.getLocalSocketAddress());
    }
  }

  @Test
  void anInheritedUnixSocketIsListenedOnToo() throws IOException {
    Path path = folder.resolve("inherited.sock");

    sockets = inherit(TestDescriptors.listeningUnix(path).intValue());
    sockets.accept(true);

    assertThat(sockets.addresses()).containsExactly(path.toString());
    try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      assertThat(client.connect(UnixDomainSocketAddress.of(path))).isTrue();
      await().until(() -> accepted.size() == 1);
    }
  }

  @Test
  void anInheritedSocketThatBlocksHoldsUpNobody() throws Exception {
    // In a process of its own, for there two close the descriptor.
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                BlockingListener.class.getName())
            .redirectErrorStream(true)
            .start();
    try (BufferedReader output = process.inputReader()) {
      assertThat(output.lines()).contains("the loop is free");
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void withoutAnyoneToTakeThemConnectionsAreClosed() throws IOException {
    sockets =
        ListeningSockets.open(
            ImmutableList.of(ServerAddress.parse("127.0.0.1:0")), ImmutableList.of(), loops);
    sockets.accept(true);

    try (Socket client = connect(sockets.addresses().get(0))) {
      assertThat(client.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void onceClosedNobodyConnects() throws IOException {
    open("127.0.0.1:0").accept(true);
    String address = sockets.addresses().get(0);

    sockets.close();

    assertThatThrownBy(() -> connect(address).close()).isInstanceOf(IOException.class);
  }

  @Test
  void aPortThatIsTakenIsNamedAndNothingStaysOpen() throws IOException {
    var inherited = TestDescriptors.listeningTcp();
    int inheritedPort = inherited.localAddress().getPort();
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();

      assertThatThrownBy(
              () ->
                  ListeningSockets.open(
                      ImmutableList.of(ServerAddress.parse(address)),
                      ImmutableList.of(
                          new InheritedSocket(inherited.intValue(), "web", "LISTEN_FDS")),
                      loops))
          .isInstanceOf(IOException.class)
          .hasMessageContainingAll("cannot listen on " + address, "in use");
    }

    assertThatThrownBy(() -> connect("127.0.0.1:" + inheritedPort).close())
        .isInstanceOf(IOException.class);
  }

  @Test
  void aHostThatIsUnknownIsNamed() {
    assertThatThrownBy(() -> open("no-such-host.invalid:9501"))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot listen on no-such-host.invalid:9501: unknown host");
  }

  @Test
  void anInheritedDescriptorThatDoesNotListenIsNamed() throws IOException {
    var bound = TestDescriptors.boundTcp();

    assertThatThrownBy(() -> inherit(bound.intValue()))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(
            "descriptor " + bound.intValue(), "'web' in LISTEN_FDS", "no listening stream socket");

    bound.close();
  }

  private ListeningSockets open(String... addresses) throws IOException {
    ImmutableList.Builder<ServerAddress> parsed = ImmutableList.builder();
    for (String address : addresses) {
      parsed.add(ServerAddress.parse(address));
    }
    sockets = ListeningSockets.open(parsed.build(), ImmutableList.of(), loops);
    sockets.handler(accepted::add);
    return sockets;
  }

  private ListeningSockets inherit(int descriptor) throws IOException {
    ListeningSockets inherited =
        ListeningSockets.open(
            ImmutableList.of(),
            ImmutableList.of(new InheritedSocket(descriptor, "web", "LISTEN_FDS")),
            loops);
    inherited.handler(accepted::add);
    return inherited;
  }

  private static Socket connect(String address) throws IOException {
    ServerAddress parsed = ServerAddress.parse(address);
    return new Socket(parsed.host(), parsed.port());
  }
}
