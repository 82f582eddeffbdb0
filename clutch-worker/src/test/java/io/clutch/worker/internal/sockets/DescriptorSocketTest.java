package io.clutch.worker.internal.sockets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.clutch.process.UnixSockets;
import io.clutch.protocol.ServerAddress;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.Native;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Connections that come as descriptors. */
@EnabledOnOs(OS.LINUX)
class DescriptorSocketTest {

  private static final Duration LONG = Duration.ofSeconds(10);

  @TempDir Path folder;

  private final EventLoopGroup loops = UnixSockets.eventLoops("test-descriptors", 1);
  private final List<Channel> taken = new CopyOnWriteArrayList<>();
  private final List<Long> closed = new CopyOnWriteArrayList<>();
  private Path path;
  private DescriptorSocket socket;
  private Handover supervisor;

  @BeforeEach
  void connect() throws IOException {
    path = folder.resolve("descriptors.sock");
    socket = new DescriptorSocket(path, loops, this::take, closed::add);
    supervisor = new Handover(path);
  }

  @AfterEach
  void close() throws IOException {
    taken.forEach(channel -> channel.close().syncUninterruptibly());
    supervisor.close();
    socket.close();
    UnixSockets.stop(loops);
  }

  @Test
  void aConnectionThatWasHandedOverReachesItsClient() throws IOException {
    try (Socket client = connectClient()) {
      await().until(() -> taken.size() == 1);
      Channel channel = taken.get(0);

      assertThat(channel).isInstanceOf(EpollSocketChannel.class);
      assertThat(channel.remoteAddress()).isEqualTo(client.getLocalSocketAddress());
      channel.writeAndFlush(Unpooled.copiedBuffer("hello", UTF_8)).syncUninterruptibly();
      assertThat(client.getInputStream().readNBytes(5)).isEqualTo("hello".getBytes(UTF_8));
    }
  }

  @Test
  void theNumberOfEachConnectionThatEndsIsTold() throws IOException {
    try (Socket first = connectClient();
        Socket second = connectClient();
        Socket third = connectClient()) {
      await().until(() -> taken.size() == 3);
      assertThat(List.of(first, second, third)).allMatch(Socket::isConnected);

      taken.get(1).close().syncUninterruptibly();
      await().untilAsserted(() -> assertThat(closed).containsExactly(2L));
      taken.get(0).close().syncUninterruptibly();
      await().untilAsserted(() -> assertThat(closed).containsExactly(2L, 1L));
    }
  }

  @Test
  void whatIsNoSocketCountsAsEnded() throws IOException {
    FileDescriptor event = Native.newEventFd();
    supervisor.give(event.intValue());
    event.close();

    await().untilAsserted(() -> assertThat(closed).containsExactly(1L));

    try (Socket client = connectClient()) {
      await().until(() -> taken.size() == 1);
      assertThat(client.isConnected()).isTrue();
      taken.get(0).close().syncUninterruptibly();
      await().untilAsserted(() -> assertThat(closed).containsExactly(1L, 2L));
    }
  }

  @Test
  void theEndOfTheStreamComesBehindWhatWasHandedOver() throws Exception {
    try (Socket client = connectClient();
        Socket other = connectClient()) {
      assertThat(socket.awaitEnd(Duration.ofMillis(1))).isFalse();
      assertThat(List.of(client, other)).allMatch(Socket::isConnected);
      await().until(() -> taken.size() == 2);

      supervisor.end();

      assertThat(socket.awaitEnd(LONG)).isTrue();
      assertThat(taken).hasSize(2).allMatch(Channel::isOpen);
    }
  }

  @Test
  void onceItIsClosedNobodyConnects() throws IOException {
    socket.close();

    await()
        .untilAsserted(
            () -> assertThatThrownBy(() -> new Handover(path)).isInstanceOf(IOException.class));
  }

  @Test
  void aPathWhereNoSocketCanBeIsNamed() {
    Path nowhere = folder.resolve("nowhere/descriptors.sock");

    assertThatThrownBy(() -> new DescriptorSocket(nowhere, loops, this::take, closed::add))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(nowhere.toString());
  }

  private void take(Channel channel) {
    loops.register(channel).addListener(registered -> taken.add(channel));
  }

  private Socket connectClient() throws IOException {
    ServerAddress address = supervisor.address();
    return new Socket(address.host(), address.port());
  }
}
