package io.clutch.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.collect.ImmutableMap;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class OverridesTest {

  @Test
  void thePropertyWinsOverTheEnvironmentWhichWinsOverTheProgram() {
    Overrides both =
        new Overrides(
            ImmutableMap.of("clutch.queueCapacity", "1")::get,
            ImmutableMap.of("CLUTCH_QUEUE_CAPACITY", "2", "CLUTCH_CONCURRENCY", "3")::get);

    assertThat(both.get("queueCapacity", 9)).isEqualTo(1);
    assertThat(both.get("concurrency", 9)).isEqualTo(3);
    assertThat(both.get("maxMessageSize", 9)).isEqualTo(9);
  }

  @Test
  void readsDurationsAndAnythingThatAParserReads() {
    Overrides overrides = environment("CLUTCH_TIMEOUT", "200ms", "CLUTCH_ADDRESS", " 127.0.0.1:0 ");

    assertThat(overrides.get("timeout", Duration.ofSeconds(1))).isEqualTo(Duration.ofMillis(200));
    assertThat(overrides.get("gracefulTimeout", Duration.ofSeconds(1)))
        .isEqualTo(Duration.ofSeconds(1));
    assertThat(overrides.find("address", text -> text)).contains("127.0.0.1:0");
  }

  @Test
  void whatIsBlankIsNotGiven() {
    Overrides overrides = environment("CLUTCH_CONCURRENCY", "", "CLUTCH_TIMEOUT", "  ");

    assertThat(overrides.get("concurrency", 4)).isEqualTo(4);
    assertThat(overrides.find("timeout", text -> text)).isEmpty();
  }

  @Test
  void whatMakesNoSenseIsNamedAsItWasGiven() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> environment("CLUTCH_CONCURRENCY", "many", "A", "").get("concurrency", 1))
        .withMessage("CLUTCH_CONCURRENCY is 'many': want a whole number");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new Overrides(ImmutableMap.of("clutch.timeout", "soon")::get, name -> null)
                    .get("timeout", Duration.ZERO))
        .withMessageStartingWith("clutch.timeout is 'soon': ");
  }

  private static Overrides environment(
      String name, String value, String otherName, String otherValue) {
    return new Overrides(
        property -> null, ImmutableMap.of(name, value, otherName, otherValue)::get);
  }
}
