package io.clutch.benchmarks.load;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class LoopsTest {

  private static final Duration NOTHING = Duration.ZERO;

  private final AtomicInteger made = new AtomicInteger();
  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicInteger mostUnderWay = new AtomicInteger();

  @Test
  void aClosedLoopKeepsSoManyCallsUnderWay() throws InterruptedException {
    Measurement result =
        ClosedLoop.run(after(2), 5, Duration.ofMillis(20), Duration.ofMillis(200), Usage.NONE);

    assertThat(mostUnderWay.get()).isEqualTo(5);
    assertThat(underWay.get()).isZero();
    assertThat(result.calls()).isPositive().isLessThanOrEqualTo(made.get());
    assertThat(result.rate()).isEqualTo(result.calls() / (result.nanos() / 1e9));
    assertThat(result.failures().count()).isZero();
    assertThat(result.latencies().count()).isZero();
  }

  @Test
  void aCallThatIsAloneIsTimed() throws InterruptedException {
    Measurement result = ClosedLoop.run(after(5), 1, NOTHING, Duration.ofMillis(200), Usage.NONE);

    assertThat(result.latencies().count()).isPositive().isLessThanOrEqualTo(result.calls());
    assertThat(result.latencies().micros(50)).isGreaterThanOrEqualTo(4_000);
  }

  @Test
  void callsThatFailAtOnceEndAClosedLoop() throws InterruptedException {
    Measurement result =
        ClosedLoop.run(
            done -> done.done(new IllegalStateException("no")),
            3,
            NOTHING,
            Duration.ofMillis(10),
            Usage.NONE);

    assertThat(result.calls()).isZero();
    assertThat(result.failures().count()).isEqualTo(3);
    assertThat(result.failures().first()).hasMessage("no");
  }

  @Test
  void usageIsThatOfTheMeasuredTime() throws InterruptedException {
    AtomicInteger readings = new AtomicInteger();
    Usage usage =
        () ->
            readings.getAndIncrement() == 0
                ? new Usage.Reading(100, 1_000)
                : new Usage.Reading(107, 1_070);

    Measurement result = ClosedLoop.run(after(1), 1, NOTHING, Duration.ofMillis(20), usage);

    assertThat(result.usage()).isEqualTo(new Usage.Reading(7, 70));
  }

  @Test
  void anOpenLoopMakesAllCallsHoweverLongTheyTake() throws InterruptedException {
    SteadyPlan plan =
        new SteadyPlan(after(150), 100, Duration.ofMillis(100), Duration.ofMillis(200));

    OpenLoop.run(plan);

    assertThat(made.get()).isEqualTo(30);
    assertThat(plan.latencies().count()).isEqualTo(20);
    assertThat(plan.latencies().micros(50)).isGreaterThanOrEqualTo(149_000);
    assertThat(mostUnderWay.get()).isGreaterThan(3);
  }

  @Test
  void whatHoldsUpTheStartOfCallsCountsForEachOfThem() throws InterruptedException {
    Operation blocksOnce =
        done -> {
          if (made.getAndIncrement() == 0) {
            Blocker.blockFor(300);
          }
          done.done(null);
        };
    SteadyPlan plan = new SteadyPlan(blocksOnce, 100, NOTHING, Duration.ofMillis(300));

    OpenLoop.run(plan);

    assertThat(plan.latencies().count()).isEqualTo(30);
    // Half of them were due in the first 150 ms of the standstill, and waited for as long or more.
    assertThat(plan.latencies().micros(52)).isGreaterThanOrEqualTo(140_000);
  }

  @Test
  void anOpenLoopKeepsFailuresApart() throws InterruptedException {
    SteadyPlan plan =
        new SteadyPlan(
            done -> done.done(new IllegalStateException("no")),
            1_000,
            NOTHING,
            Duration.ofMillis(20));

    OpenLoop.run(plan);

    assertThat(plan.failures().count()).isEqualTo(20);
    assertThat(plan.latencies().count()).isZero();
    assertThat(plan.latencies().micros(50)).isNaN();
  }

  private Operation after(int millis) {
    return done -> {
      made.incrementAndGet();
      int now = underWay.incrementAndGet();
      mostUnderWay.accumulateAndGet(now, Math::max);
      CompletableFuture.delayedExecutor(millis, MILLISECONDS)
          .execute(
              () -> {
                underWay.decrementAndGet();
                done.done(null);
              });
    };
  }

  /** Stands for a client that blocks its caller. */
  private static final class Blocker {
    static void blockFor(int millis) {
      CompletableFuture<Void> never = new CompletableFuture<>();
      never.completeOnTimeout(null, millis, MILLISECONDS).join();
    }
  }
}
