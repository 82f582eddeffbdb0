package io.clutch.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.protocol.ClutchVersion;
import io.clutch.protocol.Durations;
import io.clutch.v1.DescribeRequest;
import io.clutch.v1.DescribeResponse;
import io.clutch.v1.FunctionDescription;
import io.clutch.v1.ValueDescription;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a worker tells about itself: Describe, health, reflection. */
class WorkerServicesTest {

  private Worker worker;
  private TestCaller caller;

  @BeforeEach
  void serve() throws IOException {
    worker =
        Worker.builder()
            .address("127.0.0.1:0")
            .concurrency(3)
            .queueCapacity(7)
            .timeout(Duration.ofMillis(1500))
            .maxMessageSize(12345)
            .function("bytes", byte[].class, DescribeResponse.class, (bytes, call) -> null)
            .function("action", () -> {})
            .function(
                FunctionDefinition.named("any")
                    .description("whatever")
                    .argument(Object.class)
                    .result(List.class)
                    .runs((value, call) -> null))
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
  void describeTellsFunctionsAndLimits() {
    DescribeResponse description = caller.stub().describe(DescribeRequest.getDefaultInstance());

    assertThat(description.getVersion()).isEqualTo(ClutchVersion.get());
    assertThat(description.getProcessId()).isEqualTo(ProcessHandle.current().pid());
    assertThat(description.getPoolSize()).isEqualTo(1);
    assertThat(description.getSlot()).isZero();
    assertThat(description.getLimits().getConcurrency()).isEqualTo(3);
    assertThat(description.getLimits().getQueueCapacity()).isEqualTo(7);
    assertThat(description.getLimits().getMaxPayloadBytes()).isEqualTo(12345);
    assertThat(Durations.fromProto(description.getLimits().getTimeout()))
        .isEqualTo(Duration.ofMillis(1500));
    assertThat(description.getFunctionsList())
        .extracting(FunctionDescription::getName)
        .containsExactly("action", "any", "bytes");
    FunctionDescription action = description.getFunctions(0);
    FunctionDescription any = description.getFunctions(1);
    FunctionDescription bytes = description.getFunctions(2);
    assertThat(action.getArgument().getKind()).isEqualTo(ValueDescription.Kind.NONE);
    assertThat(action.getResult().getKind()).isEqualTo(ValueDescription.Kind.NONE);
    assertThat(any.getDescription()).isEqualTo("whatever");
    assertThat(any.getArgument().getKind()).isEqualTo(ValueDescription.Kind.KIND_UNSPECIFIED);
    assertThat(any.getResult().getKind()).isEqualTo(ValueDescription.Kind.JSON);
    assertThat(bytes.getArgument().getKind()).isEqualTo(ValueDescription.Kind.BYTES);
    assertThat(bytes.getResult())
        .isEqualTo(
            ValueDescription.newBuilder()
                .setKind(ValueDescription.Kind.MESSAGE)
                .setType("clutch.v1.DescribeResponse")
                .build());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "clutch.v1.Worker"})
  void healthTurnsToNotServingBeforeTheWorkerEndsAndWatchersDontHoldItUp(String service)
      throws InterruptedException {
    BlockingQueue<ServingStatus> seen = new LinkedBlockingQueue<>();
    CountDownLatch ended = new CountDownLatch(1);
    HealthGrpc.newStub(caller.channel())
        .watch(
            HealthCheckRequest.newBuilder().setService(service).build(),
            new StreamObserver<>() {
              @Override
              public void onNext(HealthCheckResponse response) {
                seen.add(response.getStatus());
              }

              @Override
              public void onError(Throwable failure) {
                ended.countDown();
              }

              @Override
              public void onCompleted() {
                ended.countDown();
              }
            });
    assertThat(seen.poll(30, TimeUnit.SECONDS)).isEqualTo(ServingStatus.SERVING);

    long start = System.nanoTime();
    worker.close();

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
    assertThat(seen.poll(30, TimeUnit.SECONDS)).isEqualTo(ServingStatus.NOT_SERVING);
    assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void reflectionListsTheService() throws InterruptedException {
    BlockingQueue<ServerReflectionResponse> seen = new LinkedBlockingQueue<>();
    StreamObserver<ServerReflectionRequest> requests =
        ServerReflectionGrpc.newStub(caller.channel())
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse response) {
                    seen.add(response);
                  }

                  @Override
                  public void onError(Throwable failure) {}

                  @Override
                  public void onCompleted() {}
                });

    requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());

    assertThat(seen.poll(30, TimeUnit.SECONDS).getListServicesResponse().getServiceList())
        .extracting(service -> service.getName())
        .contains("clutch.v1.Worker", "grpc.health.v1.Health");
    // The stream stays open: it must not hold up the end of the worker.
    long start = System.nanoTime();
    worker.close();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
  }
}
