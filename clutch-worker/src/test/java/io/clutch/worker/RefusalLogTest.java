package io.clutch.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.clutch.protocol.ClutchException;
import io.clutch.protocol.Reason;
import io.clutch.security.Credentials;
import io.grpc.Metadata;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RefusalLogTest {

  private final ClutchException why =
      ClutchException.notStarted(Reason.PERMISSION_DENIED, "token:web may not call it");

  private final LogCapture log = new LogCapture();
  private final RefusalLog refusals = new RefusalLog();
  private final Caller caller =
      new Caller(new InetSocketAddress("10.0.0.1", 4711), new Metadata(), Credentials.NONE);

  @AfterEach
  void close() {
    log.close();
  }

  private List<String> lines() {
    return log.messages(Level.WARN);
  }

  @Test
  void saysWhoWantedWhatAndWhyNot() {
    refusals.refused(caller, "image.scale", why);

    assertThat(lines())
        .containsExactly(
            "refused 'image.scale' from /10.0.0.1:4711: token:web may not call it"
                + " (PERMISSION_DENIED)");
  }

  @Test
  void anUnknownAddressIsCalledSo() {
    refusals.refused(new Caller(null, new Metadata(), Credentials.NONE), "f", why);

    assertThat(lines().get(0)).startsWith("refused 'f' from an unknown address: ");
  }

  @Test
  void aFloodFillsNoDisk() {
    long begin = System.nanoTime();
    for (int i = 0; i < 100_000; i++) {
      refusals.refused(caller, "f", why);
    }
    long seconds = 1 + (System.nanoTime() - begin) / 1_000_000_000;

    assertThat(lines().size()).isLessThanOrEqualTo((int) (5 * seconds + 6));
  }

  @Test
  void whatWasNotSaidIsCounted() throws Exception {
    for (int i = 0; i < 4; i++) {
      refusals.refused(caller, "f", why);
    }
    await()
        .until(
            () -> {
              refusals.refused(caller, "f", why);
              return lines().size() >= 2;
            });

    assertThat(lines().get(1)).matches(".*; and \\d+ more before that");
  }

  @Test
  void aCallerWritesNoLinesOfHisOwn() {
    refusals.refused(
        caller,
        "f\n12:00:00 INFO all is well\r\u001b[31m\u0000\u0085\u2028\u2029",
        ClutchException.notStarted(Reason.PERMISSION_DENIED, "why\nnot"));

    assertThat(lines().get(0))
        .startsWith("refused 'f?12:00:00 INFO all is well??[31m????' from")
        .contains("why?not");
  }

  @Test
  void aLongNameIsCut() {
    refusals.refused(caller, "x".repeat(1_000_000), why);

    assertThat(lines().get(0)).contains("xxx…' from").hasSizeLessThan(500);
  }
}
