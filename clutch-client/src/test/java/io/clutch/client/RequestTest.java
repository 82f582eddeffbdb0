package io.clutch.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RequestTest {

  private static final Request<String> REQUEST = Request.of("name", 1, String.class);

  @Test
  void changesGiveACopy() {
    Request<String> changed =
        REQUEST.withTimeout(Duration.ofSeconds(1)).withHeader("a", "b").withCallId("id");

    assertThat(changed.function()).isEqualTo("name");
    assertThat(changed.argument()).isEqualTo(1);
    assertThat(changed.timeout()).contains(Duration.ofSeconds(1));
    assertThat(changed.headers()).containsOnlyKeys("a");
    assertThat(changed.callId()).isEqualTo("id");
    assertThat(REQUEST.timeout()).isEmpty();
    assertThat(REQUEST.headers()).isEmpty();
    assertThat(REQUEST.callId()).isEmpty();
  }

  @Test
  void aRequestIsIdempotentOnlyWhereItSaysSoAndStaysThat() {
    assertThat(REQUEST.isIdempotent()).isFalse();

    Request<String> idempotent = REQUEST.idempotent();

    assertThat(idempotent.isIdempotent()).isTrue();
    assertThat(REQUEST.isIdempotent()).isFalse();
    assertThat(
            idempotent
                .withTimeout(Duration.ofSeconds(1))
                .withHeader("a", "b")
                .withCallId("id")
                .isIdempotent())
        .isTrue();
    assertThat(REQUEST.withHeader("a", "b").idempotent().headers()).containsOnlyKeys("a");
  }

  @Test
  void theCaseOfAHeadersNameDoesNotMatter() {
    assertThat(REQUEST.withHeader("Tenant", "a").withHeader("TENANT", "b").headers())
        .containsOnly(java.util.Map.entry("tenant", "b"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"grpc-timeout", "GRPC-x", "key-bin", "user-agent", "Content-Type", "te"})
  void aHeaderOfGrpcsOwnIsRefused(String name) {
    assertThatThrownBy(() -> REQUEST.withHeader(name, "x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "ü", "a:b", ":path"})
  void whatIsNoNameOfAHeaderIsRefused(String name) {
    assertThatThrownBy(() -> REQUEST.withHeader(name, "x"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ü", "a\nb", "a\tb", "\0"})
  void aValueOutsidePrintableAsciiIsRefused(String value) {
    assertThatThrownBy(() -> REQUEST.withHeader("tenant", value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("tenant");
  }

  @Test
  void anEmptyNameIsRefused() {
    assertThatThrownBy(() -> Request.of("", null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("name is empty");
  }

  @Test
  void aTimeoutIsMoreThanZero() {
    assertThatThrownBy(() -> REQUEST.withTimeout(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("timeout");
    assertThatThrownBy(() -> REQUEST.withTimeout(Duration.ofMillis(-1)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
