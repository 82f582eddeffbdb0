package io.clutch.benchmarks.durable;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class LastWordTest {

  @Test
  void isFoundInALineOfALog() {
    assertThat(
            LastWord.find(
                "16:00:00.000 INFO  JobLoop the store '/srv/jobs' is closed: 200 jobs accepted"
                    + " in 20 commits, 150 taken and ended in 40"))
        .contains(new LastWord(200, 20, 150, 40));
    assertThat(LastWord.find("INFO  JobLoop durable calls are kept in '/srv/jobs'")).isEmpty();
  }

  @Test
  void thoseOfAllProcessesCount() {
    LastWord both = new LastWord(100, 10, 120, 30).plus(new LastWord(100, 20, 80, 20));

    assertThat(both).isEqualTo(new LastWord(200, 30, 200, 50));
    assertThat(both.acceptCommitsPerJob()).isEqualTo(0.15);
    assertThat(both.commitsPerJob()).isEqualTo(0.4);
    assertThat(new LastWord(0, 0, 0, 3).acceptCommitsPerJob()).isNaN();
    assertThat(new LastWord(0, 0, 0, 3).commitsPerJob()).isNaN();
  }
}
