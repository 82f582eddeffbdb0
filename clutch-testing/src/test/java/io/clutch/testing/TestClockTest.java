package io.clutch.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.Uninterruptibles;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class TestClockTest {

  private final TestClock clock = new TestClock();
  private final List<String> log = new ArrayList<>();

  private Runnable task(String name) {
    return () -> log.add(name + " at " + clock.elapsed().toMillis());
  }

  @Test
  void standsStillUntilItIsAdvanced() {
    Instant before = clock.instant();

    clock.advance(Duration.ofSeconds(3));

    assertThat(clock.elapsed()).isEqualTo(Duration.ofSeconds(3));
    assertThat(clock.instant()).isEqualTo(before.plusSeconds(3));
    assertThat(clock).hasToString("TestClock at PT3S");
  }

  @Test
  void runsWhatComesDueInOrderEachAtItsTimeOnTheAdvancingThread() {
    List<Thread> threads = new ArrayList<>();
    var unused = clock.timer().schedule(task("late"), 30, TimeUnit.MILLISECONDS);
    unused = clock.timer().schedule(task("early"), 10, TimeUnit.MILLISECONDS);
    unused = clock.timer().schedule(task("early too"), 10, TimeUnit.MILLISECONDS);
    unused =
        clock
            .timer()
            .schedule(() -> threads.add(Thread.currentThread()), 20, TimeUnit.MILLISECONDS);
    unused = clock.timer().schedule(task("too late"), 31, TimeUnit.MILLISECONDS);

    clock.advance(Duration.ofMillis(30));

    assertThat(log).containsExactly("early at 10", "early too at 10", "late at 30");
    assertThat(threads).containsExactly(Thread.currentThread());
  }

  @Test
  void whatIsScheduledMeanwhileComesDueToo() {
    var unused =
        clock
            .timer()
            .schedule(
                () -> {
                  var unusedToo = clock.timer().schedule(task("second"), 5, TimeUnit.MILLISECONDS);
                },
                10,
                TimeUnit.MILLISECONDS);

    clock.advance(Duration.ofMillis(20));

    assertThat(log).containsExactly("second at 15");
    assertThat(clock.elapsed()).isEqualTo(Duration.ofMillis(20));
  }

  @Test
  void aTaskMayAdvanceTheClock() {
    var unused =
        clock
            .timer()
            .schedule(() -> clock.advance(Duration.ofMillis(50)), 10, TimeUnit.MILLISECONDS);
    unused = clock.timer().schedule(task("inner"), 40, TimeUnit.MILLISECONDS);

    clock.advance(Duration.ofMillis(20));

    assertThat(log).containsExactly("inner at 40");
    assertThat(clock.elapsed()).isEqualTo(Duration.ofMillis(60));
  }

  @Test
  void whatHasNoDelayRunsAtOnceOnAnotherThread() throws Exception {
    Future<Thread> now = clock.timer().schedule(Thread::currentThread, 0, TimeUnit.SECONDS);
    Future<Thread> before = clock.timer().schedule(Thread::currentThread, -5, TimeUnit.SECONDS);
    Future<Thread> submitted = clock.timer().submit(Thread::currentThread);

    for (Future<Thread> thread : List.of(now, before, submitted)) {
      assertThat(thread.get(20, TimeUnit.SECONDS)).isNotSameAs(Thread.currentThread());
    }
  }

  @Test
  void periodicTasksRunUntilTheyAreCancelled() {
    ScheduledFuture<?> atRate =
        clock.timer().scheduleAtFixedRate(task("rate"), 5, 10, TimeUnit.MILLISECONDS);
    ScheduledFuture<?> withDelay =
        clock.timer().scheduleWithFixedDelay(task("delay"), 10, 20, TimeUnit.MILLISECONDS);

    clock.advance(Duration.ofMillis(25));
    assertThat(atRate.getDelay(TimeUnit.MILLISECONDS)).isEqualTo(10);
    atRate.cancel(false);
    withDelay.cancel(false);
    clock.advance(Duration.ofMillis(100));

    assertThat(log).containsExactly("rate at 5", "delay at 10", "rate at 15", "rate at 25");
  }

  @Test
  void aCancelledTaskDoesNotRun() {
    ScheduledFuture<?> task = clock.timer().schedule(task("x"), 5, TimeUnit.MILLISECONDS);

    assertThat(task.cancel(false)).isTrue();
    clock.advance(Duration.ofMillis(10));

    assertThat(log).isEmpty();
    assertThat(task.isCancelled()).isTrue();
  }

  @Test
  void aTaskThatFailsDoesNotKeepOthersFromRunning() {
    ScheduledFuture<?> failing =
        clock
            .timer()
            .schedule(
                () -> {
                  throw new IllegalStateException("expected");
                },
                5,
                TimeUnit.MILLISECONDS);
    var unused = clock.timer().schedule(task("other"), 6, TimeUnit.MILLISECONDS);

    clock.advance(Duration.ofMillis(10));

    assertThat(log).containsExactly("other at 6");
    assertThatThrownBy(failing::get).hasRootCauseMessage("expected");
  }

  @Test
  void threadsThatAdvanceItTogetherMoveItByTheSum() {
    AtomicInteger runs = new AtomicInteger();
    IntStream.rangeClosed(1, 4_000)
        .forEach(
            i -> {
              var unused = clock.timer().schedule(runs::incrementAndGet, i, TimeUnit.MICROSECONDS);
            });

    List<CompletableFuture<Boolean>> threads =
        IntStream.range(0, 4)
            .mapToObj(i -> CompletableFuture.supplyAsync(this::advanceInSteps))
            .toList();

    assertThat(threads).allSatisfy(monotonic -> assertThat(monotonic.join()).isTrue());
    assertThat(clock.elapsed()).isEqualTo(Duration.ofMillis(4));
    assertThat(runs).hasValue(4_000);
  }

  /** Whether it never went backwards. */
  private boolean advanceInSteps() {
    boolean monotonic = true;
    for (int i = 0; i < 1_000; i++) {
      Duration before = clock.elapsed();
      clock.advance(Duration.ofNanos(1_000));
      monotonic &= clock.elapsed().compareTo(before.plusNanos(1_000)) >= 0;
    }
    return monotonic;
  }

  @Test
  void itNeverGoesBackwards() {
    assertThatThrownBy(() -> clock.advance(Duration.ofMillis(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the clock cannot advance by PT-0.001S: want 0 or more, at most 100 years");
    assertThatThrownBy(() -> clock.advance(Duration.ofDays(40_000)))
        .hasMessageContaining("at most 100 years");
    assertThatThrownBy(() -> clock.timer().scheduleAtFixedRate(task("x"), 0, 0, TimeUnit.SECONDS))
        .hasMessageContaining("the period is 0 SECONDS: want more than 0");
  }

  @Test
  void itsTimerCannotBeShutDownForOthers() {
    clock.timer().shutdown();
    assertThat(clock.timer().shutdownNow()).isEmpty();
    var unused = clock.timer().schedule(task("x"), 1, TimeUnit.MILLISECONDS);

    clock.advance(Duration.ofMillis(1));

    assertThat(clock.timer().isShutdown()).isFalse();
    assertThat(log).containsExactly("x at 1");
  }

  @Test
  void aPauseOfAClientPassesByItself() throws Exception {
    ScheduledFuture<Duration> pause =
        clock.ofClients().timer().schedule(clock::elapsed, 3, TimeUnit.SECONDS);

    assertThat(Uninterruptibles.getUninterruptibly(pause, Duration.ofSeconds(20)))
        .isEqualTo(Duration.ofSeconds(3));
  }
}
