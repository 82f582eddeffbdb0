package io.clutch.client.internal.balance;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Timestamp;
import io.clutch.v1.DescribeResponse;
import org.junit.jupiter.api.Test;

final class GreetingTest {

  private static final DescribeResponse DESCRIPTION =
      DescribeResponse.newBuilder()
          .setProcessId(4711)
          .setStartTime(Timestamp.newBuilder().setSeconds(1_700_000_000).setNanos(42))
          .setSlot(3)
          .setPoolSize(5)
          .build();

  @Test
  void itTellsTheProcessAndItsPlace() {
    assertThat(Greeting.of(DESCRIPTION)).isEqualTo(new Greeting("4711@1700000000.000000042", 3, 5));
  }

  @Test
  void aProcessThatGotTheIdOfAnEarlierOneIsAnother() {
    DescribeResponse later =
        DESCRIPTION.toBuilder().setStartTime(Timestamp.newBuilder().setNanos(43)).build();

    assertThat(Greeting.of(later).process()).isNotEqualTo(Greeting.of(DESCRIPTION).process());
  }

  @Test
  void whoGivesNoIdIsNotTakenForAnyOther() {
    DescribeResponse description = DescribeResponse.newBuilder().setPoolSize(2).build();

    assertThat(Greeting.of(description)).isEqualTo(new Greeting(null, 0, 2));
  }

  @Test
  void whoGivesNoNumberIsAlone() {
    assertThat(Greeting.of(DESCRIPTION.toBuilder().clearPoolSize().build()).poolSize())
        .isEqualTo(1);
    assertThat(Greeting.of(DESCRIPTION.toBuilder().setPoolSize(-7).build()).poolSize())
        .isEqualTo(1);
  }
}
