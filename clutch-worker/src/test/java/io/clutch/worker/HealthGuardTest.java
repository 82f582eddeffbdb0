package io.clutch.worker;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a caller without a proof can make a worker remember by the only service he may ask. */
class HealthGuardTest {

  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;

  @TempDir private Path folder;
  private Worker worker;
  private TestCaller caller;

  @BeforeEach
  void serve() throws IOException {
    Path tokens = Files.writeString(folder.resolve("tokens"), "web web-token-0123456789\n");
    worker = Worker.builder().address("127.0.0.1:0").tokens(tokens).build().start();
    caller = new TestCaller(worker);
  }

  @AfterEach
  void stop() throws InterruptedException {
    caller.close();
    worker.close();
  }

  private static HealthCheckRequest of(String service) {
    return HealthCheckRequest.newBuilder().setService(service).build();
  }

  private static void assertExhausted(Runnable asks) {
    assertThatThrownBy(asks::run)
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
  }

  private HealthGrpc.HealthBlockingStub health() {
    return HealthGrpc.newBlockingStub(caller.channel());
  }

  @Test
  void aLongRequestIsRefusedHoweverItComes() {
    HealthCheckRequest longOne = of("x".repeat(1_000_000));

    assertExhausted(() -> health().check(longOne));
    assertExhausted(() -> health().withCompression("gzip").check(longOne));
    assertExhausted(() -> health().watch(longOne).next());
    assertThat(health().check(of("")).getStatus()).isEqualTo(ServingStatus.SERVING);
  }

  @Test
  void aLongRequestEndsBeforeAllOfItHasCome() throws IOException {
    try (Socket socket = new Socket(worker.address().host(), worker.address().port())) {
      socket.setSoTimeout(10_000);
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII));
      frame(out, 4, 0, 0, new byte[0]);
      frame(out, HEADERS, 4, 1, watchHeaders());
      byte[] beginning = new byte[4 * HealthGuard.LONGEST_REQUEST];
      // The message is said to have 1 MiB.
      beginning[2] = 0x10;
      frame(out, 0, 0, 1, beginning);

      DataInputStream in = new DataInputStream(socket.getInputStream());
      assertThat(nextOfStream(in)).isIn(HEADERS, RST_STREAM);
    }
  }

  private static void frame(DataOutputStream out, int type, int flags, int stream, byte[] content)
      throws IOException {
    out.writeByte(content.length >> 16);
    out.writeShort(content.length);
    out.writeByte(type);
    out.writeByte(flags);
    out.writeInt(stream);
    out.write(content);
    out.flush();
  }

  private static byte[] watchHeaders() {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    header(block, ":method", "POST");
    header(block, ":scheme", "http");
    header(block, ":path", "/grpc.health.v1.Health/Watch");
    header(block, ":authority", "worker");
    header(block, "content-type", "application/grpc");
    header(block, "te", "trailers");
    return block.toByteArray();
  }

  /** A literal header that is not indexed (RFC 7541, 6.2.2). */
  private static void header(ByteArrayOutputStream block, String name, String value) {
    block.write(0);
    block.write(name.length());
    block.writeBytes(name.getBytes(US_ASCII));
    block.write(value.length());
    block.writeBytes(value.getBytes(US_ASCII));
  }

  /** The type of the next frame that speaks of stream 1 and is no WINDOW_UPDATE. */
  private static int nextOfStream(DataInputStream in) throws IOException {
    while (true) {
      int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      in.readUnsignedByte();
      int stream = in.readInt();
      in.readNBytes(length);
      if (stream == 1 && type != 8) {
        return type;
      }
    }
  }

  @Test
  void oneConnectionHasFewWatchesAtATime() {
    Context.CancellableContext watching = Context.current().withCancellation();
    Watcher watcher = new Watcher();
    watching.run(
        () -> {
          for (int i = 0; i < HealthGuard.MOST_AT_A_TIME + 5; i++) {
            HealthGrpc.newStub(caller.channel()).watch(of(""), watcher);
          }
        });
    await()
        .untilAsserted(
            () -> {
              assertThat(watcher.told).hasValue(HealthGuard.MOST_AT_A_TIME);
              assertThat(watcher.refused).hasValue(5);
            });

    watching.cancel(null);
    await()
        .ignoreExceptionsInstanceOf(StatusRuntimeException.class)
        .untilAsserted(
            () -> assertThat(health().check(of("")).getStatus()).isEqualTo(ServingStatus.SERVING));
  }

  private static final class Watcher implements StreamObserver<HealthCheckResponse> {
    private final AtomicInteger told = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();

    @Override
    public void onNext(HealthCheckResponse health) {
      told.incrementAndGet();
    }

    @Override
    public void onError(Throwable failure) {
      if (Status.fromThrowable(failure).getCode() == Status.Code.RESOURCE_EXHAUSTED) {
        refused.incrementAndGet();
      }
    }

    @Override
    public void onCompleted() {}
  }
}
