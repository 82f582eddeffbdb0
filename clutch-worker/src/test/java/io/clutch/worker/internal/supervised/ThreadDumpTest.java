package io.clutch.worker.internal.supervised;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ThreadDumpTest {

  private final Object lock = new Object();
  private final Thread stuck = new Thread(this::getStuck, "the-stuck-one");

  @BeforeEach
  void start() {
    stuck.setDaemon(true);
  }

  @AfterEach
  void end() throws InterruptedException {
    stuck.join(10_000);
    assertThat(stuck.isAlive()).isFalse();
  }

  @Test
  void theThreadInQuestionIsTheFirstAndTheOthersFollow() {
    synchronized (lock) {
      stuck.start();
      await().until(() -> stuck.getState() == Thread.State.BLOCKED);

      String dump = ThreadDump.of(stuck);

      assertThat(dump)
          .startsWith(
              "\"the-stuck-one\" daemon #" + stuck.getId() + " BLOCKED on java.lang.Object@")
          .containsPattern("owned by \"" + Thread.currentThread().getName() + "\"")
          .containsPattern("\\A[^\n]*\n\tat [^\n]*ThreadDumpTest.getStuck")
          .contains("\n\n\"" + Thread.currentThread().getName() + "\"");
    }
  }

  @Test
  void everyFrameIsThere() {
    synchronized (lock) {
      stuck.start();
      await().until(() -> stuck.getState() == Thread.State.BLOCKED);

      String dump = deeper(100);

      assertThat(dump.lines().filter(line -> line.contains("ThreadDumpTest.deeper")).count())
          .isEqualTo(101);
    }
  }

  private String deeper(int levels) {
    return levels == 0 ? ThreadDump.of(stuck) : deeper(levels - 1);
  }

  private void getStuck() {
    synchronized (lock) {
      lock.notifyAll();
    }
  }
}
