package io.clutch.client.internal.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Who waits, in which order. */
final class WaitingLineTest {

  private final WaitingLine line = new WaitingLine();

  private FakeAttempt add(String name) {
    FakeAttempt attempt = FakeAttempt.call(name);
    line.addLast(attempt);
    return attempt;
  }

  @Test
  void whoComesFirstGoesFirst() {
    FakeAttempt a = add("a");
    FakeAttempt b = add("b");

    assertThat(line.waiting()).isEqualTo(2);
    assertThat(line.pollForPermit(each -> true)).isSameAs(a);
    assertThat(line.pollForPermit(each -> true)).isSameAs(b);
    assertThat(line.pollForPermit(each -> true)).isNull();
    assertThat(line.isEmpty()).isTrue();
  }

  @Test
  void whoHasBeenThereBeforeGoesFirst() {
    FakeAttempt a = add("a");
    FakeAttempt back = FakeAttempt.call("back");

    line.addFirst(back);

    assertThat(line.copy()).containsExactly(back, a);
  }

  @Test
  void whoDoesNotSuitKeepsItsPlace() {
    FakeAttempt a = add("a");
    FakeAttempt b = add("b");
    FakeAttempt c = add("c");

    assertThat(line.pollForPermit(each -> each == b)).isSameAs(b);
    assertThat(line.pollForPermit(each -> each == b)).isNull();

    assertThat(line.copy()).containsExactly(a, c);
  }

  @Test
  void whoLeavesIsGoneAndLeavesOnce() {
    FakeAttempt a = add("a");
    FakeAttempt b = add("b");
    FakeAttempt c = add("c");

    assertThat(line.remove(b)).isTrue();
    assertThat(line.remove(b)).isFalse();
    assertThat(line.remove(FakeAttempt.call("never there"))).isFalse();

    assertThat(line.copy()).containsExactly(a, c);
  }

  @Test
  void callsInTheBackgroundWaitApartForTheyNeedNoPermit() {
    FakeAttempt a = add("a");
    FakeAttempt background = FakeAttempt.background("b");
    line.addLast(background);

    assertThat(line.waiting()).isEqualTo(1);
    assertThat(line.hasBackground()).isTrue();
    assertThat(line.pollBackground(each -> true)).isSameAs(background);
    assertThat(line.hasBackground()).isFalse();
    assertThat(line.copy()).containsExactly(a);
  }

  @Test
  void itIsAListWhateverComesAndGoes() {
    long seed = new Random().nextLong();
    System.out.println("WaitingLineTest: seed " + seed);
    Random random = new Random(seed);
    List<FakeAttempt> expected = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      FakeAttempt attempt = FakeAttempt.call("f" + i);
      switch (random.nextInt(4)) {
        case 0 -> {
          line.addLast(attempt);
          expected.add(attempt);
        }
        case 1 -> {
          line.addFirst(attempt);
          expected.add(0, attempt);
        }
        case 2 -> {
          if (!expected.isEmpty()) {
            assertThat(line.remove(expected.remove(random.nextInt(expected.size())))).isTrue();
          }
        }
        default ->
            assertThat(line.pollForPermit(each -> true))
                .isSameAs(expected.isEmpty() ? null : expected.remove(0));
      }
      assertThat(line.waiting()).isEqualTo(expected.size());
    }
    assertThat(line.copy()).isEqualTo(expected);
  }
}
