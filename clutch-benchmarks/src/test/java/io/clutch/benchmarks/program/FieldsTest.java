package io.clutch.benchmarks.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

final class FieldsTest {

  @Test
  void whatIsWrittenIsRead() {
    Fields fields =
        Fields.none()
            .with("rate", 0.5)
            .with("millis", 7)
            .with("pids", List.of(1L, 22L))
            .with("none", List.of())
            .with("foreign", true)
            .with("text", "a=b");

    Fields read = Fields.parse(fields.toString());

    assertThat(read).isEqualTo(fields);
    assertThat(read.number("rate")).isEqualTo(0.5);
    assertThat(read.integer("millis")).isEqualTo(7);
    assertThat(read.longs("pids")).containsExactly(1L, 22L);
    assertThat(read.list("none")).isEmpty();
    assertThat(read.flag("foreign")).isTrue();
    assertThat(read.text("text")).isEqualTo("a=b");
  }

  @Test
  void whatIsNotThereOrCannotBeWrittenIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Fields.parse("a=1").text("b"))
        .withMessageContaining("no b in 'a=1'");
    assertThatIllegalArgumentException().isThrownBy(() -> Fields.parse("what is this"));
    assertThatIllegalArgumentException().isThrownBy(() -> Fields.none().with("a", "b c"));
  }
}
