package io.clutch.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import io.clutch.v1.CallRequest;
import io.clutch.v1.CallResponse;
import io.clutch.v1.DescribeRequest;
import io.clutch.v1.WorkerGrpc;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.net.ConnectException;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** RPCs that were begun, and whose request has not come, or not all of it. */
class UnfinishedRequestTest {

  private final AtomicInteger runs = new AtomicInteger();
  private final CompletableFuture<ClutchException> failure = new CompletableFuture<>();
  private final CompletableFuture<CallResponse> result = new CompletableFuture<>();
  private Worker worker;
  private TestCaller caller;

  @BeforeEach
  void serve() throws Exception {
    worker =
        Worker.builder()
            .address("127.0.0.1:0")
            .gracefulTimeout(Duration.ofSeconds(20))
            .function("run", () -> runs.incrementAndGet())
            .build()
            .start();
    caller = new TestCaller(worker);
  }

  @AfterEach
  void stop() throws Exception {
    caller.close();
    worker.close();
  }

  @Test
  void theyDoNotHoldUpTheEndAndAreToldThatNothingWasStarted() throws Exception {
    ClientCall<CallRequest, CallResponse> unused = begin();

    long start = System.nanoTime();
    worker.close();

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(8));
    ClutchException why = failure.get(10, TimeUnit.SECONDS);
    assertThat(why.reason()).isEqualTo(Reason.DRAINING);
    assertThat(why.started()).isEqualTo(Started.NO);
    assertThat(runs).hasValue(0);
  }

  @Test
  void theyAreServedWhereTheRestComesSoonAfterTheDrainBegan() throws Exception {
    ClientCall<CallRequest, CallResponse> call = begin();
    CompletableFuture<Void> closed = CompletableFuture.runAsync(worker::close);
    awaitNoListener();

    call.sendMessage(TestCaller.request("run", null));
    call.halfClose();

    assertThat(result.get(10, TimeUnit.SECONDS).getPayload().getJson()).isEqualTo("1");
    closed.get(10, TimeUnit.SECONDS);
  }

  @Test
  void theyAreForgottenWhereTheCallerGoes() throws Exception {
    for (int i = 0; i < 10; i++) {
      begin().cancel("changed my mind", null);
    }
    caller.call("run", null);

    long start = System.nanoTime();
    worker.close();

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
  }

  private void awaitNoListener() {
    await()
        .until(
            () -> {
              try (Socket socket = new Socket(worker.address().host(), worker.address().port())) {
                return !socket.isConnected();
              } catch (ConnectException e) {
                return true;
              }
            });
  }

  /** Begins a call without sending its request; the worker knows of it when this returns. */
  private ClientCall<CallRequest, CallResponse> begin() {
    ClientCall<CallRequest, CallResponse> call =
        caller.channel().newCall(WorkerGrpc.getCallMethod(), CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(CallResponse response) {
            result.complete(response);
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            if (!status.isOk()) {
              failure.complete(TestCaller.failure(new StatusRuntimeException(status, trailers)));
            }
          }
        },
        new Metadata());
    call.request(2);
    // Behind it on the same connection: when this is answered, the other has arrived.
    caller.stub().describe(DescribeRequest.getDefaultInstance());
    return call;
  }
}
