package io.clutch.cli;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class BenchRunTest {

  private static final Duration NOTHING = Duration.ZERO;

  private final AtomicInteger made = new AtomicInteger();
  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicInteger mostUnderWay = new AtomicInteger();

  @Test
  void withoutARateSoManyCallsAreUnderWayAndNoMore() throws InterruptedException {
    BenchRun run = new BenchRun(() -> callThatTakes(5), 3, null);

    long nanos = run.run(NOTHING, Duration.ofMillis(200));

    assertThat(run.tally().calls()).isEqualTo(made.get()).isGreaterThanOrEqualTo(3);
    assertThat(mostUnderWay.get()).isEqualTo(3);
    assertThat(underWay.get()).isZero();
    assertThat(nanos).isGreaterThanOrEqualTo(MILLISECONDS.toNanos(200));
    assertThat(run.tally().nanosAt(50)).isGreaterThanOrEqualTo(MILLISECONDS.toNanos(4));
  }

  @Test
  void atARateAllCallsAreMadeThatAreDue() throws InterruptedException {
    BenchRun run = new BenchRun(() -> callThatTakes(1), BenchRun.MOST_AT_A_RATE, 200.0);

    long unused = run.run(NOTHING, Duration.ofMillis(500));

    assertThat(run.tally().calls()).isEqualTo(100);
    assertThat(run.tally().failed()).isZero();
  }

  @Test
  void atARateASlowCallDoesNotKeepOthersFromBeingMade() throws InterruptedException {
    BenchRun run = new BenchRun(() -> callThatTakes(300), BenchRun.MOST_AT_A_RATE, 100.0);

    long unused = run.run(NOTHING, Duration.ofMillis(200));

    assertThat(run.tally().calls()).isEqualTo(20);
    assertThat(mostUnderWay.get()).isGreaterThan(5);
  }

  @Test
  void atARateTheWaitOfCallsThatWereDueCounts() throws InterruptedException {
    // One standstill of 400 ms; 40 calls are due meanwhile, one can be under way.
    BenchRun run = new BenchRun(() -> callThatTakes(made.get() == 0 ? 400 : 0), 1, 100.0);

    long unused = run.run(NOTHING, Duration.ofMillis(500));

    assertThat(run.tally().calls()).isEqualTo(50);
    // Those due in the first half of it waited 200 ms or more: a third of all and more.
    assertThat(run.tally().nanosAt(66)).isGreaterThanOrEqualTo(MILLISECONDS.toNanos(150));
  }

  @Test
  void callsOfTheWarmUpDoNotCount() throws InterruptedException {
    BenchRun run = new BenchRun(() -> callThatTakes(0), BenchRun.MOST_AT_A_RATE, 100.0);

    long nanos = run.run(Duration.ofMillis(300), Duration.ofMillis(100));

    assertThat(run.tally().calls()).isEqualTo(10);
    assertThat(made.get()).isEqualTo(40);
    assertThat(nanos).isGreaterThanOrEqualTo(MILLISECONDS.toNanos(90));
  }

  @Test
  void failuresAreCountedByReasonAndHaveNoTimes() throws InterruptedException {
    ClutchException failure =
        ClutchException.builder(Reason.QUEUE_FULL, Started.NO, "no room").build();
    BenchRun run = new BenchRun(() -> CompletableFuture.failedFuture(failure), 1, 100.0);

    long unused = run.run(NOTHING, Duration.ofMillis(100));

    assertThat(run.tally().failed()).isEqualTo(10);
    assertThat(run.tally().hasTimes()).isFalse();
    assertThat(run.tally().failures()).containsOnlyKeys("QUEUE_FULL");
    assertThat(run.tally().failures().get("QUEUE_FULL").count().sum()).isEqualTo(10);
    assertThat(run.tally().failures().get("QUEUE_FULL").first()).contains("no room");
  }

  private CompletableFuture<Void> callThatTakes(int millis) {
    made.incrementAndGet();
    int now = underWay.incrementAndGet();
    mostUnderWay.accumulateAndGet(now, Math::max);
    CompletableFuture<Void> call = new CompletableFuture<>();
    Runnable end =
        () -> {
          underWay.decrementAndGet();
          call.complete(null);
        };
    if (millis == 0) {
      end.run();
    } else {
      CompletableFuture.delayedExecutor(millis, MILLISECONDS).execute(end);
    }
    return call;
  }
}
