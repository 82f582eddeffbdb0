package io.clutch.client.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.clutch.protocol.TimeSource;
import io.clutch.v1.CallStreamRequest;
import io.clutch.v1.CallStreamResponse;
import io.clutch.v1.WorkerGrpc;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Streams under a policy that knows nothing of them. */
@Timeout(120)
final class StreamPoolTest {

  private static final Duration LONG = Duration.ofSeconds(40);

  private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
  private final AtomicBoolean ended = new AtomicBoolean();
  private Server server;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    server =
        NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .addService(
                new WorkerGrpc.WorkerImplBase() {
                  @Override
                  public StreamObserver<CallStreamRequest> callStream(
                      StreamObserver<CallStreamResponse> out) {
                    out.onNext(CallStreamResponse.newBuilder().setPermits(10).build());
                    return new Ending(ended);
                  }
                })
            .build()
            .start();
    channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext().build();
  }

  private record Ending(AtomicBoolean ended) implements StreamObserver<CallStreamRequest> {
    @Override
    public void onNext(CallStreamRequest message) {}

    @Override
    public void onError(Throwable failure) {
      ended.set(true);
    }

    @Override
    public void onCompleted() {
      ended.set(true);
    }
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
    timer.shutdownNow();
  }

  private StreamPool pool() {
    return new StreamPool(
        new StreamPool.Host() {
          @Override
          public Channel channel() {
            return channel;
          }

          @Override
          public TimeSource time() {
            return TimeSource.system(timer);
          }

          @Override
          public Duration pauseAfter(int failures) {
            return Duration.ofMillis(1);
          }

          @Override
          public boolean schedule(Runnable task, Duration delay) {
            var unused = timer.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
            return true;
          }

          @Override
          public void reconnectSoon() {}
        },
        new CallerThreads(),
        1_000);
  }

  @Test
  void anotherPolicyThanOursMakesThemUnusableAndCallsAreToGoAnotherWay() {
    StreamPool pool = pool();
    FakeAttempt first = FakeAttempt.call("f");
    FakeAttempt background = FakeAttempt.background("b");

    pool.send(first);
    pool.send(background);

    assertThat(first.outcome).succeedsWithin(LONG).isEqualTo("unsent");
    assertThat(background.outcome).succeedsWithin(LONG).isEqualTo("unsent");
    assertThat(pool.isUsable()).isFalse();
    await().atMost(LONG).untilTrue(ended);
    FakeAttempt later = FakeAttempt.call("f");
    pool.send(later);
    assertThat(later.outcome).succeedsWithin(LONG).isEqualTo("unsent");
  }

  @Test
  void whatIsCancelledBeforeItIsSentHasNoOutcome() {
    StreamPool pool = pool();
    FakeAttempt attempt = FakeAttempt.call("f");
    server.shutdownNow();

    pool.send(attempt);
    pool.cancel(attempt);
    pool.cancel(attempt);

    assertThat(pool.waiting()).isZero();
    assertThat(attempt.outcome).isNotDone();
  }

  @Test
  void whatIsOverBeforeItIsSentTakesNoPlace() {
    StreamPool pool = pool();
    FakeAttempt attempt = FakeAttempt.call("f");
    pool.cancel(attempt);

    pool.send(attempt);

    assertThat(pool.waiting()).isZero();
    assertThat(attempt.stream()).isNull();
    assertThat(attempt.outcome).isNotDone();
  }
}
