package io.clutch.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.common.util.concurrent.ListenableFuture;
import io.clutch.v1.CallResponse;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What clients see of the limits of connections. */
class NetworkLimitsTest {

  private final AtomicInteger started = new AtomicInteger();
  private final Semaphore mayEnd = new Semaphore(0);
  private final Worker.Builder builder =
      Worker.builder()
          .address("127.0.0.1:0")
          .concurrency(4)
          .function("one", () -> 1)
          .function(
              "hold",
              () -> {
                started.incrementAndGet();
                mayEnd.acquire();
              });
  private Worker worker;
  private TestCaller caller;

  private void serve() throws IOException {
    worker = builder.build().start();
    caller = new TestCaller(worker);
  }

  @AfterEach
  void stop() throws Exception {
    mayEnd.release(100);
    caller.close();
    worker.close();
  }

  @Test
  void callsAboveTheLimitOfAConnectionWaitInTheClient() throws Exception {
    builder.maxCallsPerConnection(2);
    serve();
    // The worker's settings have come when this is answered.
    assertThat(caller.call("one", null, Integer.class)).isEqualTo(1);
    ListenableFuture<CallResponse> first = caller.start("hold", null);
    ListenableFuture<CallResponse> second = caller.start("hold", null);
    await().until(() -> started.get() == 2);
    ListenableFuture<CallResponse> third = caller.start("hold", null);

    try (TestCaller other = new TestCaller(worker)) {
      assertThat(other.call("one", null, Integer.class)).isEqualTo(1);
    }
    assertThat(started).hasValue(2);
    assertThat(third.isDone()).isFalse();

    mayEnd.release(3);
    first.get(30, TimeUnit.SECONDS);
    second.get(30, TimeUnit.SECONDS);
    third.get(30, TimeUnit.SECONDS);
    assertThat(started).hasValue(3);
  }

  @Test
  void headersAboveTheLimitAreNotSentAndTheConnectionGoesOn() throws Exception {
    builder.maxHeaderSize(2048);
    serve();

    assertThat(callWithHeaderOf(1_000)).isEqualTo("1");
    assertThatThrownBy(() -> callWithHeaderOf(3_000))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            failure -> assertThat(failure.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL));
    assertThat(callWithHeaderOf(1_000)).isEqualTo("1");
  }

  private String callWithHeaderOf(int length) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of("x-long", Metadata.ASCII_STRING_MARSHALLER), "x".repeat(length));
    return caller
        .stub()
        .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
        .call(TestCaller.request("one", null))
        .getPayload()
        .getJson();
  }
}
