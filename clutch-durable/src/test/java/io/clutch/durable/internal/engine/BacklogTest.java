package io.clutch.durable.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BacklogTest {

  private final Backlog backlog = new Backlog();

  @Test
  void thereMayBeSomeUntilSomebodyHasLooked() {
    assertThat(backlog.mayExist()).isTrue();

    backlog.look();

    assertThat(backlog.mayExist()).isFalse();
  }

  @Test
  void whatIsToldOfDuringALookIsLookedForAgain() {
    backlog.look();
    backlog.told();

    assertThat(backlog.mayExist()).isTrue();
  }

  @Test
  void othersAreAskedOnceUntilTheyTellOfSome() {
    assertThat(backlog.ask()).as("while there may be some here").isFalse();
    backlog.look();
    assertThat(backlog.ask()).isTrue();
    assertThat(backlog.ask()).isFalse();

    backlog.told();
    backlog.look();

    assertThat(backlog.ask()).isTrue();
  }

  @Test
  void othersAreToldOfNewOnesOnce() {
    backlog.found();
    assertThat(backlog.tell()).as("what others know of").isFalse();
    assertThat(backlog.untilTellNanos()).isEqualTo(Long.MAX_VALUE);

    backlog.foundNew();

    assertThat(backlog.tell()).isTrue();
    assertThat(backlog.tell()).isFalse();
  }
}
