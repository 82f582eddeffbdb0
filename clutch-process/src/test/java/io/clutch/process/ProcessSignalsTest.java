package io.clutch.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.slf4j.LoggerFactory;

/** Signals that this test sends to itself: such as do no harm where nobody handles them. */
@EnabledOnOs(OS.LINUX)
class ProcessSignalsTest {

  private final AtomicInteger outer = new AtomicInteger();
  private final AtomicInteger inner = new AtomicInteger();

  @Test
  void callsTheHandlerAtEachSignal() throws Exception {
    try (ProcessSignals signals = handleWinch(outer)) {
      assertThat(signals).isNotNull();
      send("WINCH");
      await().until(() -> outer.get() == 1);
      send("WINCH");
      await().until(() -> outer.get() == 2);
    }
  }

  @Test
  void eachSignalHasItsOwnHandler() throws Exception {
    try (ProcessSignals signals =
        ProcessSignals.handle(
            ImmutableMap.of(
                "WINCH", outer::incrementAndGet,
                "URG", inner::incrementAndGet))) {
      assertThat(signals).isNotNull();
      send("URG");

      await().until(() -> inner.get() == 1);
      assertThat(outer).hasValue(0);
    }
  }

  @Test
  void whoHandledItBeforeHasItBackAtTheEnd() throws Exception {
    try (ProcessSignals signals = handleWinch(outer)) {
      assertThat(signals).isNotNull();
      try (ProcessSignals shorter = handleWinch(inner)) {
        assertThat(shorter).isNotNull();
        send("WINCH");
        await().until(() -> inner.get() == 1);
        assertThat(outer).hasValue(0);
      }

      send("WINCH");

      await().until(() -> outer.get() == 1);
      assertThat(inner).hasValue(1);
    }
  }

  @Test
  void aSignalThatCannotBeHandledIsLoggedAndTheOthersAre() throws Exception {
    Logger logger = (Logger) LoggerFactory.getLogger(ProcessSignals.class);
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    logger.addAppender(log);
    logger.setAdditive(false);
    try (ProcessSignals signals =
        ProcessSignals.handle(
            ImmutableMap.of(
                "KILL", () -> {}, "NOSUCH", () -> {}, "WINCH", outer::incrementAndGet))) {
      assertThat(signals).isNotNull();
      send("WINCH");

      await().until(() -> outer.get() == 1);
      assertThat(log.list)
          .hasSize(2)
          .allMatch(event -> event.getLevel() == Level.WARN)
          .extracting(ILoggingEvent::getFormattedMessage)
          .anyMatch(message -> message.contains("cannot handle KILL"))
          .anyMatch(message -> message.contains("cannot handle NOSUCH"));
    } finally {
      logger.setAdditive(true);
      logger.detachAppender(log);
    }
  }

  private static ProcessSignals handleWinch(AtomicInteger calls) {
    return ProcessSignals.handle(ImmutableMap.of("WINCH", calls::incrementAndGet));
  }

  private static void send(String signal) throws IOException, InterruptedException {
    long pid = ProcessHandle.current().pid();
    Process kill = new ProcessBuilder("/bin/sh", "-c", "kill -" + signal + " " + pid).start();
    assertThat(kill.waitFor()).isZero();
  }
}
