package io.clutch.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.reflect.TypeToken;
import io.clutch.client.ClutchClient;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.protocol.Started;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values that travel to another process and back, and stay what they are. */
@Timeout(120)
final class ArgumentsIT {

  private static final int LIMIT = 200_000;

  @AutoClose private static final ClutchProcesses CLUTCH = ClutchProcesses.quick();
  @AutoClose private static ClutchClient client;

  @BeforeAll
  static void start() {
    client = CLUTCH.with("CLUTCH_MAX_MESSAGE_SIZE", "" + LIMIT).demoWorker().client();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "  leading and trailing  ",
        "two\nlines\r\nand\ttabs",
        "'single' \"double\" `back` \\backslash\\ $HOME",
        "null",
        "{\"json\": true}",
        "\0 and other \u0001 controls \u001f \u007f \u0085 \u2028 \u2029",
        "\ufeffmark \ufffd \uffff"
      })
  void textStaysWhatItIs(String text) {
    assertThat(client.request("identity", text, String.class)).isEqualTo(text);
    assertThat(client.request("echo", text, String.class)).endsWith(":" + text);
  }

  @Test
  void everyUnicodePlaneSurvives() {
    StringBuilder text = new StringBuilder();
    for (int plane = 0; plane <= 16; plane++) {
      for (int offset : new int[] {0, 0x1, 0x41, 0xe9, 0x4e16, 0xd7ff, 0xe000, 0xfffd, 0xffff}) {
        text.appendCodePoint((plane << 16) + offset);
      }
    }

    assertThat(client.request("identity", text.toString(), String.class))
        .isEqualTo(text.toString());
  }

  @Test
  void emptyTextIsNotNull() {
    assertThat(client.request("identity", "", Object.class)).isEqualTo("");
    assertThat(client.request("identity", null, Object.class)).isNull();
    assertThat(client.request("identity", Arrays.asList("", null), Object.class))
        .isEqualTo(Arrays.asList("", null));
  }

  @Test
  void numbersKeepTheirValue() {
    BigInteger big = BigInteger.TWO.pow(63);
    assertThat(client.request("identity", 0, Object.class)).isEqualTo(0);
    assertThat(client.request("identity", -0.0, Double.class)).isEqualTo(-0.0);
    assertThat(client.request("identity", Long.MIN_VALUE, Object.class)).isEqualTo(Long.MIN_VALUE);
    assertThat(client.request("identity", big, Object.class)).isEqualTo(big);
    assertThat(client.request("identity", big.pow(4).negate(), BigInteger.class))
        .isEqualTo(big.pow(4).negate());
    assertThat(client.request("identity", Double.MIN_VALUE, Double.class))
        .isEqualTo(Double.MIN_VALUE);
    assertThat(client.request("identity", Double.MAX_VALUE, Double.class))
        .isEqualTo(Double.MAX_VALUE);
    assertThat(client.request("identity", new BigDecimal("0.10"), BigDecimal.class))
        .isEqualTo(new BigDecimal("0.10"));
  }

  @Test
  void numbersThatJsonDoesNotHaveAreRefused() {
    for (Object value :
        List.of(
            Double.NaN,
            Double.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            List.of(1, Double.NaN),
            Map.of("a", Float.NaN),
            new double[] {Double.NaN})) {
      ClutchException failure = Failures.of(() -> client.request("identity", value, Object.class));

      assertThat(failure.reason()).isEqualTo(Reason.BAD_ARGUMENTS);
      assertThat(failure.started()).isEqualTo(Started.NO);
      assertThat(failure).hasMessageContaining("not a number in JSON");
    }
  }

  @Test
  void collectionsKeepTheirShape() {
    Map<String, Object> value =
        Map.of(
            "empty", Map.of(),
            "nested", List.of(List.of(), Map.of("", List.of(true, 1, "x"))),
            "a key with\n\"everything\"", Collections.nCopies(3, "é"));

    assertThat(client.request("identity", value, new TypeToken<Map<String, Object>>() {}))
        .isEqualTo(value);
  }

  @Test
  void bytesStayBytes() {
    long seed = System.nanoTime();
    byte[] bytes = new byte[10_000];
    new Random(seed).nextBytes(bytes);

    assertThat(client.request("identity", bytes, byte[].class))
        .as("seed %d", seed)
        .isEqualTo(bytes);
    assertThat(client.request("identity", new byte[0], byte[].class)).isEmpty();
  }

  @Test
  void aPayloadOfExactlyTheLimitPassesAndOneByteMoreDoesNot() {
    assertThat(client.request("identity", new byte[LIMIT], byte[].class)).hasSize(LIMIT);
    // The quotes of a JSON text are bytes, too, and so is the second byte of é.
    String text = "é" + "x".repeat(LIMIT - 4);
    assertThat(client.request("identity", text, String.class)).isEqualTo(text);

    for (Object value : List.of(new byte[LIMIT + 1], text + "x")) {
      ClutchException failure = Failures.of(() -> client.request("identity", value, Object.class));

      assertThat(failure.reason()).isEqualTo(Reason.MESSAGE_TOO_LARGE);
      assertThat(failure.started()).isEqualTo(Started.NO);
    }
  }

  @Test
  void aPayloadFarOverTheLimitIsRefusedByTheNetworkLayer() {
    ClutchException failure =
        Failures.of(() -> client.request("identity", new byte[10 * LIMIT], Object.class));

    assertThat(failure.reason()).isEqualTo(Reason.MESSAGE_TOO_LARGE);
    assertThat(failure.started()).isNotEqualTo(Started.YES);
    assertThat(client.request("identity", 1, Integer.class)).isEqualTo(1);
  }

  @Test
  void aResultOfOneByteTooMuchIsAClearError() {
    // echo adds the process id and a colon.
    ClutchException failure =
        Failures.of(() -> client.request("echo", "x".repeat(LIMIT - 2), String.class));

    assertThat(failure.reason()).isEqualTo(Reason.MESSAGE_TOO_LARGE);
    assertThat(failure.started()).isEqualTo(Started.YES);
    assertThat(failure).hasMessageContaining("result").hasMessageContaining("" + LIMIT);
  }
}
