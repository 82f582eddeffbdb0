package io.clutch.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.clutch.protocol.TimeSource;
import io.grpc.ForwardingServerBuilder;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A worker on a server of the program's own making. */
@Timeout(60)
final class GivenServerTest {

  private static Worker.Builder greeter() {
    return Worker.builder()
        .address("192.0.2.1:1")
        .function("greet", String.class, name -> "Hello, " + name);
  }

  @Test
  void servesWhereTheServerListens() throws Exception {
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (Worker worker = greeter().build().start(NettyServerBuilder.forAddress(anyPort));
        TestCaller caller = new TestCaller(worker)) {
      assertThat(worker.address().host()).isEqualTo("127.0.0.1");
      assertThat(worker.address().port()).isPositive();
      assertThat(caller.call("greet", "you", String.class)).isEqualTo("Hello, you");
    }
  }

  @Test
  void aServerThatCannotStartIsAClearError() throws IOException {
    try (ServerSocket taken = new ServerSocket(0)) {
      Worker worker = greeter().build();

      assertThatThrownBy(() -> worker.start(NettyServerBuilder.forPort(taken.getLocalPort())))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("cannot listen on the given server: ")
          .hasMessageContaining("in use");
    }
  }

  @Test
  void aServerThatCannotBeBuiltLeavesNothingRunning(@TempDir Path folder) throws IOException {
    Path tokens = Files.writeString(folder.resolve("tokens"), "web web-token-0123456789\n");
    Worker worker = greeter().tokens(tokens).build();
    Set<Thread> before = Thread.getAllStackTraces().keySet();

    assertThatThrownBy(() -> worker.start(new Unbuildable()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no server today");

    await()
        .untilAsserted(
            () ->
                assertThat(Thread.getAllStackTraces().keySet())
                    .filteredOn(thread -> !before.contains(thread))
                    .extracting(Thread::getName)
                    .doesNotContain("clutch-credentials"));
  }

  private static final class Unbuildable extends ForwardingServerBuilder<Unbuildable> {
    private final ServerBuilder<?> delegate = NettyServerBuilder.forPort(0);

    @Override
    protected ServerBuilder<?> delegate() {
      return delegate;
    }

    @Override
    public Server build() {
      throw new IllegalStateException("no server today");
    }
  }

  @Test
  void aTimeOfItsOwnWantsAServerOfThatTime() {
    TimeSource time = TimeSource.system(new ScheduledThreadPoolExecutor(1));
    Worker worker = Worker.builder().address("127.0.0.1:0").time(time).build();

    assertThatThrownBy(worker::start)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("want start(server) with a server of that time");
  }
}
