package io.clutch.client.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who runs what callers want to have run. */
@Timeout(120)
final class CallerThreadsTest {

  private static final Duration LONG = Duration.ofSeconds(40);

  private final CallerThreads threads = new CallerThreads();
  private final Queue<Integer> ran = new ConcurrentLinkedQueue<>();
  private final CountDownLatch release = new CountDownLatch(1);

  private void block() {
    try {
      release.await(60, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void tasksRunInOrder() {
    List<Integer> expected = new ArrayList<>();
    for (int batch = 0; batch < 100; batch++) {
      List<Runnable> tasks = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        int number = batch * 100 + i;
        expected.add(number);
        tasks.add(() -> ran.add(number));
      }
      threads.execute(tasks);
    }

    await().atMost(LONG).until(() -> ran.size() == 10_000);
    assertThat(ran).containsExactlyInAnyOrderElementsOf(expected);
    // On a busy machine one may be held up, so that another takes over: then a task is late.
    List<Integer> order = List.copyOf(ran);
    for (int i = 0; i < order.size(); i++) {
      assertThat(order.get(i)).isLessThanOrEqualTo(i + 3);
    }
    assertThat(threads.waiting()).isEmpty();
  }

  @Test
  void oneThatBlocksDoesNotHoldUpTheOthers() {
    List<Runnable> tasks = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      int number = i;
      tasks.add(this::block);
      tasks.add(() -> ran.add(number));
    }

    threads.execute(tasks);

    await().atMost(LONG).until(() -> ran.size() == 5);
    release.countDown();
    await().atMost(LONG).until(() -> threads.waiting().isEmpty());
  }

  @Test
  void oneThatThrowsDoesNotEndAnything() {
    threads.execute(
        () -> {
          throw new IllegalStateException("a defect of the caller's");
        });
    threads.execute(() -> ran.add(1));

    await().atMost(LONG).until(() -> ran.size() == 1);
  }

  @Test
  void nothingIsLostWhoeverComesWhen() throws InterruptedException {
    AtomicInteger count = new AtomicInteger();
    Thread[] givers = new Thread[4];
    for (int i = 0; i < givers.length; i++) {
      givers[i] =
          new Thread(
              () -> {
                for (int task = 0; task < 20_000; task++) {
                  threads.execute(count::incrementAndGet);
                  if (task % 100 == 0) {
                    LockSupport.parkNanos(1_000);
                  }
                }
              });
      givers[i].start();
    }
    for (Thread giver : givers) {
      giver.join();
    }

    await().atMost(LONG).until(() -> count.get() == 80_000);
  }

  @Test
  void threadsAreDaemonsAndEndWhenIdle() {
    CallerThreads shortLived = new CallerThreads(Duration.ofMillis(50));
    Set<Thread> seen = ConcurrentHashMap.newKeySet();
    for (int i = 0; i < 3; i++) {
      shortLived.execute(
          () -> {
            seen.add(Thread.currentThread());
            block();
          });
    }
    await().atMost(LONG).until(() -> seen.size() == 3);
    assertThat(seen).allMatch(Thread::isDaemon);

    release.countDown();

    await().atMost(LONG).until(() -> seen.stream().noneMatch(Thread::isAlive));
    await().atMost(LONG).until(() -> shortLived.size() == 0);
    shortLived.execute(() -> ran.add(1));
    await().atMost(LONG).until(() -> ran.size() == 1);
  }
}
