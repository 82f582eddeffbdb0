package io.clutch.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.PlaceHeaders;
import io.clutch.protocol.Reason;
import io.clutch.v1.DescribeRequest;
import io.clutch.v1.WorkerGrpc;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every answer says in which process of how many it was made. */
class PlaceInterceptorTest {

  private final AtomicReference<Metadata> headers = new AtomicReference<>();
  private final AtomicReference<Metadata> trailers = new AtomicReference<>();
  private Worker worker;
  private TestCaller caller;

  @BeforeEach
  void serve() throws IOException {
    worker =
        Worker.builder()
            .address("127.0.0.1:0")
            .function("one", () -> 1)
            .function("fail", Void.class, (nothing, call) -> fail())
            .build()
            .start();
    caller = new TestCaller(worker);
  }

  @AfterEach
  void stop() throws InterruptedException {
    caller.close();
    worker.close();
  }

  @Test
  void anAnswerSaysItInItsHeaders() {
    assertThat(stub().call(TestCaller.request("one", null)).hasPayload()).isTrue();

    assertThatItIsSaidIn(headers.get());
    assertThat(PlaceHeaders.poolSize(trailers.get())).isEmpty();
  }

  @Test
  void aDescriptionSaysItToo() {
    assertThat(stub().describe(DescribeRequest.getDefaultInstance()).getPoolSize()).isEqualTo(1);

    assertThatItIsSaidIn(headers.get());
  }

  @Test
  void aFailureSaysItInItsTrailers() {
    ClutchException failure =
        TestCaller.failureOf(() -> stub().call(TestCaller.request("fail", null)));

    assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_FAILED);
    assertThatItIsSaidIn(trailers.get());
  }

  @Test
  void aRefusalSaysItInItsTrailers() {
    ClutchException failure =
        TestCaller.failureOf(() -> stub().call(TestCaller.request("unknown", null)));

    assertThat(failure.reason()).isEqualTo(Reason.FUNCTION_NOT_FOUND);
    assertThatItIsSaidIn(trailers.get());
  }

  private static void assertThatItIsSaidIn(Metadata metadata) {
    assertThat(metadata.getAll(PlaceHeaders.SLOT)).containsExactly("0");
    assertThat(metadata.getAll(PlaceHeaders.POOL_SIZE)).containsExactly("1");
  }

  private WorkerGrpc.WorkerBlockingStub stub() {
    return WorkerGrpc.newBlockingStub(
            ClientInterceptors.intercept(
                caller.channel(), MetadataUtils.newCaptureMetadataInterceptor(headers, trailers)))
        .withDeadlineAfter(30, TimeUnit.SECONDS);
  }

  private static String fail() {
    throw new IllegalStateException("on purpose");
  }
}
