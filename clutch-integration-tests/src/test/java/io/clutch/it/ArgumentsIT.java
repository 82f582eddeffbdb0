package io.clutch.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.clutch.client.ClutchClient;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import java.io.IOException;
import java.math.BigInteger;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Values that are easily spoilt, to another process and back. */
class ArgumentsIT {

  private static final int MAX_MESSAGE_SIZE = 4 * 1024 * 1024;
  private static final ClutchScript clutch = new ClutchScript();
  private static ClutchScript.WorkerProcess worker;
  private static ClutchClient client;

  @BeforeAll
  static void start() throws IOException {
    worker = clutch.demoWorker();
    client =
        ClutchClient.builder()
            .servers(worker.address())
            .maxMessageSize(MAX_MESSAGE_SIZE + 10)
            .build();
  }

  @AfterAll
  static void stop() {
    client.close();
    clutch.close();
  }

  static Stream<Object> values() {
    return Stream.of(
        "",
        "  two  spaces ",
        "line\nline\r\n\ttab",
        "\"double\" 'single' \\ back",
        IntStream.rangeClosed(0, 16)
            .mapToObj(plane -> Character.toString(plane * 0x1_0000 + 0x61))
            .reduce("", String::concat),
        0,
        -0.0,
        BigInteger.ONE.shiftLeft(63),
        Long.MIN_VALUE,
        0.1,
        true,
        Map.of("", Map.of("a b", "c")));
  }

  @ParameterizedTest
  @MethodSource("values")
  void comeBackUnchanged(Object value) {
    assertThat(client.request("identity", value, Object.class)).isEqualTo(value);
  }

  @Test
  void emptyTextIsNotNull() {
    assertThat(client.request("identity", "", String.class)).isEqualTo("");
    assertThat(client.request("identity", null, String.class)).isNull();
  }

  @Test
  void notANumberIsRefusedClearly() {
    ClutchException failure = failureOf(Map.of("x", Double.NaN));
    assertThat(failure.reason()).isEqualTo(Reason.BAD_ARGUMENTS);
    assertThat(failure).hasMessageContaining("NaN is not a number in JSON");
  }

  @Test
  void aPayloadOfExactlyTheLimitPassesAndOneByteMoreDoesNot() {
    byte[] limit = new byte[MAX_MESSAGE_SIZE];
    limit[limit.length - 1] = 7;
    assertThat(client.request("identity", limit, byte[].class)).isEqualTo(limit);
    String text = "x".repeat(MAX_MESSAGE_SIZE - 2);
    assertThat(client.request("identity", text, String.class)).isEqualTo(text);

    ClutchException failure = failureOf(new byte[MAX_MESSAGE_SIZE + 1]);
    assertThat(failure.reason()).isEqualTo(Reason.MESSAGE_TOO_LARGE);
    assertThat(failure).hasMessageContaining("4194305").hasMessageContaining("4194304");
    assertThat(failureOf(text + "x").reason()).isEqualTo(Reason.MESSAGE_TOO_LARGE);
  }

  private static ClutchException failureOf(Object argument) {
    ClutchException failure =
        catchThrowableOfType(
            ClutchException.class, () -> client.request("identity", argument, Object.class));
    assertThat(failure).isNotNull();
    return failure;
  }
}
