package io.clutch.supervisor.internal.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.collect.ImmutableList;
import io.clutch.process.ListeningSockets;
import io.clutch.process.UnixSockets;
import io.clutch.protocol.ServerAddress;
import io.clutch.supervisor.internal.net.DescriptorLink.Result;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Connections on their way to a child, whose end this test plays. */
@EnabledOnOs(OS.LINUX)
class DescriptorLinkTest {

  @TempDir Path folder;

  private Socket childsListener;
  private Path path;

  @BeforeEach
  void listen() throws IOException {
    // Loads the native code that bare sockets need.
    Epoll.ensureAvailability();
    childsListener = Socket.newSocketDomain();
    path = folder.resolve("child.sock");
    childsListener.bind(UnixSockets.address(path));
    childsListener.listen(1);
  }

  @AfterEach
  void close() throws IOException {
    childsListener.close();
  }

  @Test
  void theChildSpeaksToTheClientOfAConnectionThatItWasGiven() throws Exception {
    EventLoopGroup loops = UnixSockets.eventLoops("test-accept", 1);
    BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
    ListeningSockets port =
        ListeningSockets.open(
            ImmutableList.of(ServerAddress.parse("127.0.0.1:0")), ImmutableList.of(), loops);
    port.handler(accepted::add);
    port.accept(true);
    ServerAddress address = ServerAddress.parse(port.addresses().get(0));
    try (java.net.Socket client = new java.net.Socket(address.host(), address.port())) {
      Channel channel = accepted.poll(10, TimeUnit.SECONDS);
      Connection connection = new Connection(channel);
      assertThat(connection.host()).isEqualTo("127.0.0.1");
      DescriptorLink link = DescriptorLink.connect(path);

      assertThat(link.give(connection)).isEqualTo(Result.GIVEN);

      assertThat(channel.isOpen()).isFalse();
      assertThat(link.isOpen()).isTrue();
      Socket child = acceptLink();
      Socket given = new Socket(receive(child));
      assertThat(given.remoteAddress()).isEqualTo(client.getLocalSocketAddress());
      byte[] hello = "hello".getBytes(UTF_8);
      given.send(ByteBuffer.allocateDirect(hello.length).put(hello), 0, hello.length);
      assertThat(client.getInputStream().readNBytes(hello.length)).isEqualTo(hello);
      given.close();
      assertThat(client.getInputStream().read()).isEqualTo(-1);
      child.close();
      link.close();
    } finally {
      port.close();
      UnixSockets.stop(loops);
    }
  }

  @Test
  void whereTheChildDoesNotReadTheConnectionStaysHere() throws IOException {
    DescriptorLink link = DescriptorLink.connect(path);

    Channel refused = fillUp(link);

    assertThat(refused.isOpen()).isTrue();
    assertThat(link.isOpen()).isTrue();
    refused.unsafe().closeForcibly();
    link.close();
  }

  @Test
  void whenTheChildHasReadThereIsRoomAgain() throws IOException {
    DescriptorLink link = DescriptorLink.connect(path);
    Channel refused = fillUp(link);
    Socket child = acceptLink();
    for (int i = 0; i < 20; i++) {
      new Socket(receive(child)).close();
    }

    await().until(() -> link.give(new Connection(refused)) == Result.GIVEN);

    assertThat(refused.isOpen()).isFalse();
    child.close();
    link.close();
  }

  @Test
  void whereTheChildHasGoneTheConnectionStaysHere() throws IOException {
    DescriptorLink link = DescriptorLink.connect(path);
    acceptLink().close();
    Channel channel = new EpollSocketChannel();

    assertThat(link.give(new Connection(channel))).isEqualTo(Result.BROKEN);

    assertThat(channel.isOpen()).isTrue();
    assertThat(link.isOpen()).isFalse();
    channel.unsafe().closeForcibly();
    link.close();
  }

  @Test
  void theEndComesBehindWhatWasGiven() throws IOException {
    DescriptorLink link = DescriptorLink.connect(path);
    assertThat(link.give(new Connection(new EpollSocketChannel()))).isEqualTo(Result.GIVEN);
    assertThat(link.give(new Connection(new EpollSocketChannel()))).isEqualTo(Result.GIVEN);

    link.close();

    Socket child = acceptLink();
    new Socket(receive(child)).close();
    new Socket(receive(child)).close();
    ByteBuffer one = ByteBuffer.allocateDirect(1);
    assertThat(child.recv(one, 0, 1)).as("the end").isEqualTo(-1);
    child.close();
  }

  @Test
  void whereNobodyListensItCannotBeConnected() throws IOException {
    childsListener.close();

    assertThatThrownBy(() -> DescriptorLink.connect(path)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> DescriptorLink.connect(folder.resolve("other.sock")))
        .isInstanceOf(IOException.class);
  }

  @Test
  void clientsWithoutAHostShareAName() {
    Channel local = new EpollDomainSocketChannel();

    assertThat(new Connection(local).host()).isEqualTo("unix");

    local.unsafe().closeForcibly();
  }

  /** Gives until there is no room; returns the one that there was none for. */
  private static Channel fillUp(DescriptorLink link) {
    for (int i = 0; i < 10_000; i++) {
      Channel channel = new EpollSocketChannel();
      Result result = link.give(new Connection(channel));
      if (result != Result.GIVEN) {
        assertThat(result).isEqualTo(Result.FULL);
        return channel;
      }
    }
    throw new AssertionError("there is always room");
  }

  private Socket acceptLink() throws IOException {
    return new Socket(childsListener.accept(new byte[256]));
  }

  private static int receive(Socket child) throws IOException {
    int descriptor = child.recvFd();
    assertThat(descriptor).as("a descriptor").isPositive();
    return descriptor;
  }
}
