package io.clutch.benchmarks.durable;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class LastWordTest {

  @Test
  void isFoundInALineOfALog() {
    assertThat(
            LastWord.find(
                "16:00:00.000 INFO  JobLoop the store '/srv/jobs' is closed: 200 jobs accepted,"
                    + " 150 taken, in 40 commits"))
        .contains(new LastWord(200, 150, 40));
    assertThat(LastWord.find("INFO  JobLoop durable calls are kept in '/srv/jobs'")).isEmpty();
  }

  @Test
  void thoseOfAllProcessesCount() {
    LastWord both = new LastWord(100, 120, 30).plus(new LastWord(100, 80, 10));

    assertThat(both).isEqualTo(new LastWord(200, 200, 40));
    assertThat(both.commitsPerJob()).isEqualTo(0.2);
    assertThat(new LastWord(0, 0, 3).commitsPerJob()).isNaN();
  }
}
