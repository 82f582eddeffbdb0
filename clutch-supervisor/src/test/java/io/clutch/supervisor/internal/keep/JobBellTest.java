package io.clutch.supervisor.internal.keep;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who is told that durable background calls wait. */
class JobBellTest {

  private final List<String> told = new ArrayList<>();
  private final JobBell<String> bell = new JobBell<>(told::add);

  @Test
  void whereNothingWaitsNobodyIsTold() {
    bell.jobsWanted("a");
    bell.jobsWanted("b");

    assertThat(told).isEmpty();
  }

  @Test
  void allOthersThatWantSomeAreToldOnce() {
    bell.jobsWanted("a");
    bell.jobsWanted("b");
    bell.jobsWanted("c");

    bell.jobsWait("b");

    assertThat(told).containsExactly("a", "c");
  }

  @Test
  void whoeverWasToldDoesNotCountAsWantingSome() {
    bell.jobsWanted("a");
    bell.jobsWait("b");
    told.clear();

    bell.jobsWait("b");

    assertThat(told).isEmpty();
  }

  @Test
  void whoeverWantsSomeAgainIsToldOfTheNextOnesOnly() {
    bell.jobsWanted("a");
    bell.jobsWait("b");
    told.clear();

    bell.jobsWanted("a");
    assertThat(told).isEmpty();

    bell.jobsWait("b");
    assertThat(told).containsExactly("a");
  }

  @Test
  void whereNobodyWantsAnyTheNextOneThatDoesIsToldAtOnce() {
    bell.jobsWait("a");
    bell.jobsWait("a");
    assertThat(told).isEmpty();

    bell.jobsWanted("b");
    assertThat(told).containsExactly("b");

    bell.jobsWanted("b");
    assertThat(told).containsExactly("b");
  }

  @Test
  void wordsThatWereOvertakenAreAnsweredThoughAnotherChildWasTold() {
    bell.jobsWanted("a");
    bell.jobsWait("b");
    assertThat(told).containsExactly("a");

    bell.jobsWanted("c");

    assertThat(told).containsExactly("a", "c");
  }

  @Test
  void whoeverRangItselfLooksOnceMore() {
    bell.jobsWait("a");

    bell.jobsWanted("a");
    bell.jobsWanted("a");

    assertThat(told).containsExactly("a");
  }

  @Test
  void whoeverRangThoughItWantedSomeIsToldOfTheNextOnes() {
    bell.jobsWanted("a");
    bell.jobsWait("a");
    assertThat(told).isEmpty();

    bell.jobsWait("b");

    assertThat(told).containsExactly("a");
  }

  @Test
  void whoeverIsForgottenIsNotTold() {
    bell.jobsWanted("a");

    bell.forget("a");
    bell.jobsWait("b");

    assertThat(told).isEmpty();
  }

  @Test
  void whatAForgottenChildHasSaidIsNotForgotten() {
    bell.jobsWait("a");
    bell.forget("a");

    bell.jobsWanted("b");

    assertThat(told).containsExactly("b");
  }
}
