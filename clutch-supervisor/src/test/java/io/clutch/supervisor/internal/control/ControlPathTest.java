package io.clutch.supervisor.internal.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.Mockito.doAnswer;
import static org.mockito.Mockito.mock;

import io.clutch.process.UnixSockets;
import io.clutch.v1.PoolStatus;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Who may be found at the control path. */
@EnabledOnOs(OS.LINUX)
class ControlPathTest {

  @TempDir Path folder;

  private final EventLoopGroup loops = UnixSockets.eventLoops("test-control", 1);
  private Path path;
  private Path socket;
  private ControlPath control;

  @BeforeEach
  void choosePaths() {
    path = folder.resolve("control.sock");
    socket = folder.resolve("own.sock");
    control = new ControlPath(path, socket);
  }

  @AfterEach
  void stopLoops() {
    UnixSockets.stop(loops);
  }

  @Test
  void whoClaimsItIsFoundThere() throws IOException {
    assertThat(control.holder(loops)).isEmpty();

    control.claim();

    assertThat(Files.readSymbolicLink(path)).isEqualTo(socket);
  }

  @Test
  void whoReleasesItIsNotFoundAnyMore() throws IOException {
    control.claim();

    control.release();

    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void releasingItLeavesASuccessorAlone() throws IOException {
    Path successor = folder.resolve("successor.sock");
    control.claim();
    new ControlPath(path, successor).claim();

    control.release();

    assertThat(Files.readSymbolicLink(path)).isEqualTo(successor);
    assertThat(folder).isDirectoryNotContaining("glob:**control.sock.*");
  }

  @Test
  void releasingItTwiceDoesNothing() throws IOException {
    control.claim();
    control.release();

    control.release();

    assertThat(path).doesNotExist();
  }

  @Test
  void aLinkToASocketThatHasGoneIsNobodys() throws IOException {
    new ControlPath(path, folder.resolve("gone.sock")).claim();

    assertThat(control.holder(loops)).isEmpty();
    control.claim();

    assertThat(Files.readSymbolicLink(path)).isEqualTo(socket);
  }

  @Test
  void aSocketWithoutAnyoneBehindItIsNobodys() throws IOException {
    leaveSocketBehind(socket);
    control.claim();

    assertThat(control.holder(loops)).isEmpty();
  }

  @Test
  void whoAnswersThereIsKnown() throws IOException {
    ControlRequests requests = mock(ControlRequests.class);
    doAnswer(
            call -> {
              Consumer<PoolStatus> answer = call.getArgument(0);
              answer.accept(PoolStatus.newBuilder().setProcessId(4711).build());
              return null;
            })
        .when(requests)
        .status(any());
    ControlServer server = ControlServer.start(socket, loops, requests);
    control.claim();

    assertThat(control.holder(loops)).map(PoolStatus::getProcessId).contains(4711L);

    server.close();
  }

  @Test
  void whoListensThereButDoesNotAnswerIsNotReplaced() throws IOException {
    ControlServer silent = ControlServer.start(socket, loops, mock(ControlRequests.class));
    control.claim();

    assertThatThrownBy(() -> control.holder(loops, Duration.ofMillis(300)))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(path.toString(), "does not answer");

    silent.close();
  }

  @Test
  void whatIsNoLinkIsRefused() throws IOException {
    Files.writeString(path, "precious");

    assertThatThrownBy(() -> control.holder(loops))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll(path.toString(), "in the way");
    control.release();

    assertThat(path).hasContent("precious");
  }

  @Test
  void aFolderThatDoesNotExistIsNamed() {
    Path nowhere = folder.resolve("nowhere/control.sock");

    assertThatThrownBy(() -> new ControlPath(nowhere, socket).claim())
        .isInstanceOf(IOException.class)
        .hasMessageContaining(nowhere.getParent().toString());
  }

  /** What a process leaves that was killed. */
  private static void leaveSocketBehind(Path file) throws IOException {
    try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      var unused = channel.bind(UnixDomainSocketAddress.of(file));
    }
    assertThat(file).exists();
  }
}
